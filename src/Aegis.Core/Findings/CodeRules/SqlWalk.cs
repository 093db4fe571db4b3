using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Goes once through a script of SQL, statement by statement.</summary>
internal sealed class SqlWalk(CodeSource source, FoundCode found)
{
    private static readonly string[] Quoters =
        ["quote_ident", "quote_literal", "quote_nullable", "quotename", "regclass"];

    private readonly HashSet<string> built = new(StringComparer.OrdinalIgnoreCase);

    private long steps;

    private bool IsSpent => steps > ValueReader.StepsMax;

    /// <returns>True where the script was too tangled to be read to its end.</returns>
    public bool Walk()
    {
        for (var at = 0; at < source.Count && !IsSpent; at++)
        {
            if (source.Is(at, ":=") || (source.Is(at, "=") && source.Span(at - 1) is ['@', ..]))
            {
                if (source.IsWord(at - 1) && IsBuilt(at + 1))
                {
                    built.Add(source.Span(at - 1).ToString());
                }
            }
            else if (source.IsWord(at))
            {
                SeeWord(at);
            }
        }
        return IsSpent;
    }

    private void SeeWord(int at)
    {
        var word = source.Span(at);
        if ((Is(word, "EXECUTE") || Is(word, "EXEC") || Is(word, "sp_executesql")) && IsBuilt(at + 1))
        {
            Add("aegis-sql-injection", at);
        }
        else if ((Is(word, "PASSWORD") && source.Kind(at + 1) == TokenKind.Text && IsSecret(at + 1))
            || (Is(word, "BY") && Is(source.Span(at - 1), "IDENTIFIED")
                && source.Kind(at + 1) == TokenKind.Text
                && IsSecret(at + 1)))
        {
            Add("aegis-sql-hard-coded-credential", at);
        }
        else if (Is(word, "xp_cmdshell") || (Is(word, "PROGRAM") && source.Kind(at + 1) == TokenKind.Text
            && (Is(source.Span(at - 1), "FROM") || Is(source.Span(at - 1), "TO"))))
        {
            Add("aegis-sql-runs-program", at);
        }
        else if (Is(word, "PUBLIC") && Is(source.Span(at - 1), "TO") && GrantsAll(at))
        {
            Add("aegis-sql-open-grant", at);
        }
    }

    // a text joined with something that is neither a text nor quoted; format('… %s …')
    private bool IsBuilt(int from)
    {
        var (hasText, hasJoin, hasValue) = (false, false, false);
        for (var at = from; at < from + ValueReader.TokensMax && at < source.Count
            && !source.Is(at, ";"); at++)
        {
            steps++;
            if (source.Kind(at) == TokenKind.Text)
            {
                hasText = true;
                hasJoin |= source.Is(at - 1, "(") && Is(source.Span(at - 2), "format")
                    && source.Span(at).Contains("%s", StringComparison.Ordinal);
            }
            else if (source.Is(at, "||") || source.Is(at, "+"))
            {
                hasJoin = true;
            }
            else if (source.IsWord(at))
            {
                var word = source.Span(at);
                if (Is(word, "USING") || Is(word, "INTO"))
                {
                    break;
                }
                if (IsQuoter(word) && source.Is(at + 1, "("))
                {
                    at = Math.Max(at, source.Mate(at + 1));
                    continue;
                }
                hasValue |= !Is(word, "format") && !Is(word, "N") && !Is(word, "sp_executesql");
                if (built.Count > 0 && built.Contains(word.ToString()))
                {
                    return true;
                }
            }
        }
        return hasText && hasJoin && hasValue;
    }

    private static bool IsQuoter(ReadOnlySpan<char> word)
    {
        foreach (var quoter in Quoters)
        {
            if (Is(word, quoter))
            {
                return true;
            }
        }
        return false;
    }

    private bool IsSecret(int at) => source.Span(at).Length > 0
        && source.Span(at)[0] is not (':' or '$' or '{' or '<');

    private bool GrantsAll(int at)
    {
        for (var back = at; back > Math.Max(0, at - 20) && !source.Is(back, ";"); back--)
        {
            if (Is(source.Span(back), "ALL") && Is(source.Span(back - 1), "GRANT"))
            {
                return true;
            }
        }
        return false;
    }

    private static bool Is(ReadOnlySpan<char> word, string what) =>
        word.Equals(what, StringComparison.OrdinalIgnoreCase);

    private void Add(string rule, int at) => found.Add(CodeRuleSet.Rule(rule), at);
}
