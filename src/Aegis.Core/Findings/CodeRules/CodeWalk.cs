using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Goes once through a source of JavaScript, Python or C#, keeps what is known of the variables in
/// sight, and tries the rules at each call, setting and text.</summary>
internal sealed class CodeWalk
{
    private const int GenericTokensMax = 12;

    private readonly CodeSource source;
    private readonly FoundCode found;
    private readonly KnownNames names = new();
    private readonly ValueReader values;
    private readonly CodeRuleSet rules;
    private readonly CallJudge judge;
    private readonly CodeBlocks blocks;
    private readonly Credentials credentials;

    // of the Python function whose definition was seen last: its defaults set nothing. Elsewhere what looks
    // like a definition may be a condition with a call in it
    private int parametersEnd;

    public CodeWalk(CodeSource source, FoundCode found)
    {
        (this.source, this.found) = (source, found);
        values = new ValueReader(source, names);
        rules = CodeRuleSet.Of(source.Language);
        judge = new CallJudge(source, values);
        blocks = new CodeBlocks(source, names, values);
        credentials = new Credentials(source);
    }

    /// <returns>True where the file was too tangled to be read to its end.</returns>
    public bool Walk()
    {
        for (var at = 0; at < source.Count && !values.IsSpent; at++)
        {
            blocks.See(at);
            switch (source.Kind(at))
            {
                case TokenKind.Word:
                    SeeWord(at);
                    break;
                case TokenKind.Text when rules.Passwords is { } rule
                    && Credentials.HasPassword(source.Span(at))
                    && !source.OpensHole(at + 1):
                    found.Add(rule, at);
                    break;
                case TokenKind.Sign when source.Is(at, "=") || source.Is(at, "+="):
                    SeeSetting(at);
                    break;
                case TokenKind.Sign when source.Is(at, ":"):
                    SeeKey(at);
                    break;
                default:
                    break;
            }
        }
        return values.IsSpent;
    }

    private void SeeWord(int at)
    {
        var word = source.Span(at);
        foreach (var (rule, match) in rules.Names(word))
        {
            if ((match is Mention mention && !(mention.SparesComparisons && IsCompared(at)))
                || (match is Returned returned
                && (values.Of(at + 1, blocks.StatementEnd(at + 1)) & returned.Need) == returned.Need))
            {
                found.Add(rule, at);
            }
        }
        if (Opening(at) is not { } open)
        {
            return;
        }
        if (IsDefinition(at, open))
        {
            parametersEnd = source.Language == Grammar.Python ? source.Mate(open) : 0;
            return;
        }
        foreach (var (rule, call) in rules.Calls(word))
        {
            if (judge.Hits(call, at, open))
            {
                found.Add(rule, at);
            }
        }
        blocks.SeeCall(at, open);
    }

    private bool IsCompared(int at)
    {
        while (source.Is(at - 1, "."))
        {
            at -= 2;
        }
        return source.Span(at - 1) is "==" or "!=" or "is" or "not" or "in";
    }

    // f( and f<T>( and f?.(
    private int? Opening(int at)
    {
        if (source.Is(at + 1, "("))
        {
            return at + 1;
        }
        if (source.Is(at + 1, "?.") && source.Is(at + 2, "("))
        {
            return at + 2;
        }
        if (source.Is(at + 1, "<") && source.Language != Grammar.Python)
        {
            for (var end = at + 2; end < at + GenericTokensMax; end++)
            {
                if (source.Is(end, ">") && source.Is(end + 1, "("))
                {
                    return end + 1;
                }
            }
        }
        return null;
    }

    private bool IsDefinition(int at, int open) => source.Span(at - 1) is "function" or "def" or "class"
        || (source.Language != Grammar.Python && source.Is(source.Mate(open) + 1, "{")
            && !source.Is(at - 1, ".") && source.Span(at - 1) is not "new" and not "await")
        // name(a: A): R; of an interface
        || (source.Language == Grammar.JavaScript && source.Is(source.Mate(open) + 1, ":")
            && source.Span(at - 1) is "" or "{" or "}" or ";" or ",");

    private void SeeSetting(int at)
    {
        var target = blocks.Target(at);
        var end = blocks.StatementEnd(at + 1);
        var facts = values.Of(at + 1, end) | (WrittenForm.IsFunction(source, at + 1) ? Facts.Function : 0);
        blocks.Keep(at, target, facts, end);
        Judge(target, at, end, facts);
    }

    // { key: value }, and not a ? b.key : value
    private void SeeKey(int at)
    {
        if ((source.IsWord(at - 1) || source.Kind(at - 1) == TokenKind.Text) && source.Span(at - 2) is not
                ("." or "?.")
            && (rules.Names(source.Span(at - 1)).Length > 0 || Credentials.IsName(source.Span(at - 1))))
        {
            var end = blocks.StatementEnd(at + 1);
            Judge(at - 1, at, end, values.Of(at + 1, end));
        }
    }

    private void Judge(int target, int at, int end, Facts facts)
    {
        foreach (var (rule, match) in rules.Names(source.Span(target)))
        {
            if (match switch
            {
                Assigned assigned => (facts & (assigned.Need | Facts.Function)) == assigned.Need
                    && (!assigned.IsKey || source.Is(at, ":"))
                    && (assigned.Beside is not { } word || source.Mentions(word)),
                Option option => at > parametersEnd && option.Values.Contains(source.Span(at + 1).ToString()),
                AlwaysTrue => source.Is(end - 1, "true") && source.Is(end - 2, "=>"),
                _ => false,
            })
            {
                found.Add(rule, target);
            }
        }
        if (rules.Credentials is { } credential && credentials.IsWritten(target, at + 1, end))
        {
            found.Add(credential, target);
        }
    }
}
