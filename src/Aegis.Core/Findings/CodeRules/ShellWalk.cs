using System.Buffers;
using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Goes once through a shell script, command by command.</summary>
internal sealed class ShellWalk(CodeSource source, FoundCode found)
{
    private const int WordsMax = 400;

    private static readonly string[] Shells = ["sh", "bash", "dash", "ksh", "zsh", "ash"];
    private static readonly string[] Interpreters = [.. Shells, "python", "python3", "node", "perl", "ruby"];
    private static readonly string[] Databases = ["psql", "mysql", "mariadb", "sqlite3", "sqlcmd", "mysqlsh"];
    private static readonly string[] Openers =
        ["then", "do", "else", "elif", "if", "while", "until", "!", "time"];

    // those of curl that take no value, or take one as the next word
    private static readonly SearchValues<char> CurlFlags = SearchValues.Create("fsSLkvgjIiO#");

    private readonly List<ShellText> words = [];
    private string? piped;

    /// <returns>Always false: a script is read once.</returns>
    public bool Walk()
    {
        for (var at = 0; at < source.Count;)
        {
            var isString = source.OpensText(at) || (source.Kind(at) == TokenKind.Open
                && source.Span(at) is ['$', ..]);
            if (source.Kind(at) is TokenKind.Word or TokenKind.Text or TokenKind.Number || isString)
            {
                at = ReadWord(at);
                continue;
            }
            if (source.Kind(at) == TokenKind.Line || source.Is(at, ";") || source.Is(at, "|")
                || source.Is(at, "&")
                || source.Is(at, "&&") || source.Is(at, "||")
                    || source.Kind(at) is TokenKind.Open or TokenKind.Close)
            {
                Judge();
                piped = source.Is(at, "|") && words.Count > 0 ? words[0].Text : null;
                words.Clear();
            }
            at++;
        }
        Judge();
        return false;
    }

    // one word of parts that touch: a"b $c"'d'
    private int ReadWord(int at)
    {
        var (start, hasHole, hasCommand, text) = (at, false, false, "");
        var end = source[at].Start;
        while (at < source.Count && Touches(end, at))
        {
            var last = source.Kind(at) == TokenKind.Open ? source.Mate(at) : at;
            for (var part = at; part <= last; part++)
            {
                if (source.Kind(part) == TokenKind.Open && source.Span(part) is ['$', ..])
                {
                    hasHole = true;
                    hasCommand |= source.Span(part) is "$(";
                    part = source.Mate(part);
                }
                else if (source.Kind(part) is TokenKind.Word or TokenKind.Text && text.Length < 4_000)
                {
                    text += source.Span(part).ToString();
                }
            }
            end = source[last].Start + source[last].Length + (source.Kind(last) == TokenKind.Text ? 1 : 0);
            if (last == at && source.Kind(at) is TokenKind.Open or TokenKind.Close or TokenKind.Line
                or TokenKind.Sign)
            {
                break;
            }
            at = last + 1;
        }
        if (words.Count < WordsMax && !(words.Count == 0 && Openers.Contains(text)))
        {
            words.Add(new ShellText(start, text, hasHole, hasCommand));
        }
        return Math.Max(at, start + 1);
    }

    private bool Touches(int end, int at)
    {
        var start = source[at].Start - (source.Kind(at) == TokenKind.Text ? 1 : 0);
        return start <= end && source.Kind(at) is not (TokenKind.Line or TokenKind.Sign or TokenKind.Close)
            && (source.Kind(at) != TokenKind.Open || source.OpensText(at) || source.Span(at) is ['$', ..]);
    }

    private void Judge()
    {
        var first = words.FindIndex(word => !word.Text.Contains('=', StringComparison.Ordinal)
            && word.Text is not ("sudo" or "env" or "exec" or "command"));
        var setsAll = first < 0
            || words[first].Text is "export" or "readonly" or "declare" or "local" or "typeset";
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word.Text.IndexOf('=') is var equals and > 0 && (setsAll || i < first || word.Text[0] == '-'))
            {
                JudgeSetting(word, word.Text[..equals], word.Text[(equals + 1)..]);
            }
            if (Credentials.HasPassword(word.Text) && !word.HasHole)
            {
                Add("aegis-sh-hard-coded-credential", word);
            }
        }
        if (first >= 0)
        {
            JudgeCommand(words[first], words.GetRange(first + 1, words.Count - first - 1));
        }
    }

    private void JudgeSetting(ShellText word, string name, string value)
    {
        name = name.TrimStart('-');
        if ((name is "GIT_SSL_NO_VERIFY" && value is "1" or "true")
            || (name is "NODE_TLS_REJECT_UNAUTHORIZED" or "PYTHONHTTPSVERIFY" && value is "0"))
        {
            Add("aegis-sh-tls-disabled", word);
        }
        if (!word.HasHole && Credentials.IsName(name) && Credentials.IsReal(name, value))
        {
            Add("aegis-sh-hard-coded-credential", word);
        }
    }

    private void JudgeCommand(ShellText program, List<ShellText> arguments)
    {
        var name = program.Text[(program.Text.LastIndexOf('/') + 1)..];
        if (name == "eval" && arguments.Any(word => word.HasHole && !word.HasCommand))
        {
            Add("aegis-sh-command-injection", program);
        }
        if (Shells.Contains(name) && arguments.FindIndex(word => word.Text is ['-', ..,
            'c']) is var flag and >= 0
            && arguments.Skip(flag + 1).FirstOrDefault() is { HasHole: true })
        {
            Add("aegis-sh-command-injection", program);
        }
        if (Databases.Contains(name) && arguments.Any(word => word.HasHole && SqlText.Is(word.Text)))
        {
            Add("aegis-sh-sql-injection", program);
        }
        if (Interpreters.Contains(name) && piped is "curl" or "wget"
            && arguments.All(word => word.Text.StartsWith('-')))
        {
            Add("aegis-sh-download-and-run", program);
        }
        if ((name == "curl" && arguments.Any(word => word.Text is "--insecure" or ['-', not '-', ..]
                && (word.Text == "--insecure" || IsShort(word.Text, 'k'))))
            || (name == "wget" && arguments.Any(word => word.Text == "--no-check-certificate"))
            || (name is "npm" or "git" && arguments.Zip(arguments.Skip(1)).Any(pair =>
                pair.First.Text is "strict-ssl" or "http.sslVerify" && pair.Second.Text == "false")))
        {
            Add("aegis-sh-tls-disabled", program);
        }
    }

    private static bool IsShort(string word, char letter) => word.Length <= 8
        && word.AsSpan(1).Contains(letter) && word.AsSpan(1).IndexOfAnyExcept(CurlFlags) < 0;

    private void Add(string rule, ShellText word) => found.Add(CodeRuleSet.Rule(rule), word.At);

    /// <summary>A word without its quotes; what the shell puts in is left out.</summary>
    private sealed record ShellText(int At, string Text, bool HasHole, bool HasCommand);
}
