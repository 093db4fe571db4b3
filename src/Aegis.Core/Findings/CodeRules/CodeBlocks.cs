using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Follows blocks, parameters and variables through a source.</summary>
internal sealed class CodeBlocks(CodeSource source, KnownNames names, ValueReader values)
{
    private const int ParameterTokensMax = 200;
    private const int ChainMax = 40;

    private readonly Stack<int> indents = new();
    private int brackets;
    private bool isRouted;

    private bool IsPython => source.Language == Grammar.Python;

    public void See(int at)
    {
        if (source.Kind(at) == TokenKind.Open)
        {
            brackets++;
            if (source.Is(at, "{") && !IsPython && !source.OpensHole(at))
            {
                names.Open();
                DeclareParameters(at);
            }
        }
        else if (source.Kind(at) == TokenKind.Close)
        {
            brackets = Math.Max(0, brackets - 1);
            if (source.Is(at, "}") && !IsPython && !source.OpensHole(source.Mate(at)))
            {
                names.Close();
            }
        }
        else if (IsPython)
        {
            SeePython(at);
        }
        if (source.IsWord(at) && source.Span(at) is "of" or "in")
        {
            SeeMembership(at);
        }
    }

    /// <summary>A call that looks at where a value leads, or adds to one.</summary>
    public void SeeCall(int at, int open)
    {
        var name = source.Span(at);
        var receiver = at - 2;
        if (!source.Is(at - 1, "."))
        {
            return;
        }
        receiver = ChainHead(receiver);
        if (!source.IsWord(receiver))
        {
            return;
        }
        switch (name)
        {
            case "startsWith" or "StartsWith" or "startswith" or "is_relative_to" or "relative_to":
                names.Tame(source.Span(receiver));
                break;
            case "includes" or "has" or "Contains" or "ContainsKey" or "test" or "match" or "fullmatch"
                or "IsMatch" when source.IsWord(open + 1) && source.Mate(open) <= open + 4
                    && (IsAllowList(receiver) || name is "test" or "fullmatch" or "IsMatch"):
                Settle(open + 1);
                break;
            case "Append" or "AppendFormat" or "AppendLine" or "push" or "append" or "write" or "extend":
                Add(receiver, open);
                break;
            default:
                break;
        }
    }

    /// <summary>The word that a setting sets.</summary>
    public int Target(int at)
    {
        var last = at - 1;
        // let name: Type = …
        if (source.IsWord(last) && source.Is(last - 1, ":") && source.IsWord(last - 2))
        {
            last -= 2;
        }
        // env["NAME"] = …
        return source.Is(last, "]") && source.Mate(last) == last - 2 ? last - 1 : last;
    }

    public int StatementEnd(int from)
    {
        var at = from;
        for (; at < from + ValueReader.TokensMax && at < source.Count; at++)
        {
            if (source.Kind(at) is TokenKind.Line or TokenKind.Close || source.Is(at, ";")
                || source.Is(at, ",")
                || (at > from && !IsPython && IsNewStatement(at)))
            {
                break;
            }
            at = source.Kind(at) == TokenKind.Open ? source.Mate(at) : at;
        }
        return Math.Min(at, source.Count);
    }

    /// <summary>Keeps what was learnt of a variable.</summary>
    public void Keep(int at, int target, Facts facts, int end)
    {
        if (IsPython && brackets > 0)
        {
            return;
        }
        if (source.Is(target, "}") && source.Language == Grammar.JavaScript)
        {
            for (var i = source.Mate(target) + 1; i < Math.Min(target, at); i++)
            {
                if (source.IsWord(i) && !source.Is(i + 1, ":"))
                {
                    names.Declare(source.Span(i), facts);
                }
            }
        }
        else if (source.IsWord(target))
        {
            if (source.Is(at, "+="))
            {
                var before = names.Find(source.Span(target)) ?? Facts.Unknown;
                var joined = ((before | facts) & Facts.Text) != 0 && ((before | facts) & Facts.Unknown) != 0;
                names.Set(source.Span(target), facts | (joined ? Facts.Built : 0));
            }
            else if (IsDeclaration(target))
            {
                names.Declare(source.Span(target), facts);
            }
            else
            {
                names.Set(source.Span(target), facts);
            }
        }
    }

    private bool IsDeclaration(int target) => source.Span(target - 1) is "let" or "const" or "var"
        || (source.Language == Grammar.CSharp && source.IsWord(target - 1))
        || (IsPython && source.Kind(target - 1) is null or TokenKind.Line && indents.Count == 0);

    // a line that begins with a word after one that ended a value begins a statement, semicolon or not
    private bool IsNewStatement(int at) => source[at].Line > source[at - 1].Line
        && source.Language == Grammar.JavaScript
        && source.Kind(at) == TokenKind.Word && source.Kind(at - 1) is TokenKind.Word or TokenKind.Text
            or TokenKind.Close or TokenKind.Number;

    private void Add(int head, int open)
    {
        var facts = values.Of(open + 1, source.Mate(open));
        if ((facts & (Facts.Text | Facts.Built)) != 0 || names.Find(source.Span(head)) is not null)
        {
            var all = (names.Find(source.Span(head)) ?? 0) | facts;
            var joined = (all & Facts.Text) != 0 && (facts & Facts.Unknown) != 0
                && source.Language == Grammar.CSharp;
            names.Set(source.Span(head), facts | (joined ? Facts.Built : 0));
        }
    }

    // builder.Append(a).Append(b)
    private int ChainHead(int at)
    {
        for (var i = 0; i < ChainMax && source.Is(at, ")") && source.Is(source.Mate(at) - 2, "."); i++)
        {
            at = source.Mate(at) - 3;
        }
        return at;
    }

    private bool IsAllowList(int at)
    {
        var name = source.Span(at);
        foreach (var part in (string[])["allow", "valid", "permit", "known", "safe", "column", "whitelist"])
        {
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return !name.ContainsAnyInRange('a', 'z');
    }

    private void Settle(int at) => names.Declare(source.Span(at), Facts.None);

    private void SeeMembership(int at)
    {
        if (source.Span(at - 2) is "for" or "const" or "let" or "var" && source.IsWord(at - 1))
        {
            var end = StatementEnd(at + 1);
            names.Declare(source.Span(at - 1), values.Of(at + 1, Math.Min(end, at + 20)));
        }
        else if (IsPython && source.IsWord(at + 1) && IsAllowList(at + 1))
        {
            var value = source.Span(at - 1) is "not" ? at - 2 : at - 1;
            if (source.IsWord(value))
            {
                Settle(value);
            }
        }
    }

    private void SeePython(int at)
    {
        var begins = source.Kind(at - 1) is null or TokenKind.Line;
        if (!begins || source.Kind(at) == TokenKind.Line)
        {
            return;
        }
        var column = source.Column(at);
        while (indents.TryPeek(out var indent) && column <= indent)
        {
            indents.Pop();
            names.Close();
        }
        if (source.Is(at, "@"))
        {
            isRouted |= IsRoute(at + 1);
            return;
        }
        var def = source.Span(at) is "async" ? at + 1 : at;
        if (source.Span(def) is not "def")
        {
            return;
        }
        indents.Push(column);
        names.Open();
        if (source.Is(def + 2, "("))
        {
            Declare(def + 2, isRouted ? Facts.Request | Facts.Unknown : Facts.Unknown);
        }
        isRouted = false;
    }

    // @app.route("/…"), @router.get("/…")
    private bool IsRoute(int at)
    {
        while (source.IsWord(at) && source.Is(at + 1, "."))
        {
            at += 2;
        }
        return source.Span(at) is "route" or "get" or "post" or "put" or "delete" or "patch"
            && source.Is(at + 1, "(");
    }

    // (a, b) => {   function f(a, b) {   Type F(string a) {
    private void DeclareParameters(int brace)
    {
        var last = source.Is(brace - 1, "=>") ? brace - 2 : brace - 1;
        if (!source.Is(last, ")"))
        {
            return;
        }
        var open = source.Mate(last);
        if (source.Span(open - 1) is "if" or "for" or "while" or "switch" or "using" or "lock" or "foreach"
            or "fixed")
        {
            return;
        }
        var isRoute = source.Language == Grammar.CSharp && source.Is(brace - 1, "=>")
            && source.Is(open - 1, ",") && source.Kind(open - 2) == TokenKind.Text
            && source.Span(open - 4).StartsWith("Map");
        Declare(open, isRoute ? Facts.Request | Facts.Unknown : Facts.Unknown);
    }

    private void Declare(int open, Facts facts)
    {
        var close = Math.Min(source.Mate(open), open + ParameterTokensMax);
        for (var at = open + 1; at < close; at++)
        {
            var isNamed = source.Language == Grammar.CSharp
                ? source.Is(at + 1, ",") || at + 1 == close || source.Is(at + 1, "=")
                : source.Is(at - 1, ",") || at == open + 1 || source.Is(at - 1, "...");
            if (source.IsWord(at) && isNamed)
            {
                var isNumber = source.Is(at + 1, ":") && source.Span(at + 2) is "int" or "float" or "bool"
                    or "number" or "boolean" || source.Span(at - 1) is "int" or "long" or "bool" or "Guid";
                var isFrom = source.Is(at - 2, "]") && source.Span(at - 3) is "FromQuery" or "FromRoute"
                    or "FromForm" or "FromHeader" or "FromBody";
                names.Declare(source.Span(at), isNumber ? Facts.None
                    : isFrom ? Facts.Request | Facts.Unknown : facts);
            }
        }
    }
}
