using System.Collections.Frozen;
using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Goes once through a script of SQL, statement by statement.</summary>
internal sealed class SqlWalk(CodeSource source, FoundCode found)
{
    private static readonly string[] Quoters =
        ["quote_ident", "quote_literal", "quote_nullable", "quotename", "regclass"];

    // they hold a number or a name that PostgreSQL quotes by itself where it becomes text
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> SafeTypes = Words(
        "regclass", "regprocedure", "regproc", "regtype", "regrole", "regnamespace", "oid", "int", "integer",
        "bigint", "smallint", "numeric", "boolean", "bool", "date", "timestamptz", "uuid");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> NoValues = Words(
        "format", "N", "sp_executesql", "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR", "NOT", "IS",
        "NULL", "TRUE", "FALSE");

    private readonly HashSet<string> built = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> safe = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> texts = new(StringComparer.OrdinalIgnoreCase);

    private long steps;

    private bool IsSpent => steps > ValueReader.StepsMax;

    /// <returns>True where the script was too tangled to be read to its end.</returns>
    public bool Walk()
    {
        for (var at = 0; at < source.Count && !IsSpent; at++)
        {
            if (source.Is(at, ":=") || (source.Is(at, "=") && source.Span(at - 1) is ['@', ..]))
            {
                SeeSetting(at);
            }
            else if (source.IsWord(at))
            {
                SeeWord(at);
            }
        }
        return IsSpent;
    }

    // name := …, name text := …, name CONSTANT text := …
    private void SeeSetting(int at)
    {
        var target = at - 1;
        while (source.IsWord(target) && source.IsWord(target - 1) && !Is(source.Span(target - 1), "DECLARE")
            && !Is(source.Span(target - 1), "BEGIN") && !Is(source.Span(target - 1), "SET")
            && !Is(source.Span(target - 1), "THEN") && !Is(source.Span(target - 1), "ELSE")
            && !Is(source.Span(target - 1), "LOOP"))
        {
            target--;
        }
        if (!source.IsWord(target))
        {
            return;
        }
        if (IsBuilt(at + 1))
        {
            built.Add(source.Span(target).ToString());
        }
        else if (Is(source.Span(target + 1), "constant") && source.Kind(at + 1) == TokenKind.Text
            && source.Is(at + 2, ";"))
        {
            safe.Add(source.Span(target).ToString());
        }
    }

    private void SeeWord(int at)
    {
        var word = source.Span(at);
        if (source.IsWord(at - 1) && SafeTypes.Contains(word))
        {
            safe.Add(source.Span(at - 1).ToString());
        }
        else if (source.IsWord(at - 1) && (Is(word, "text") || Is(word, "varchar") || Is(word, "name")))
        {
            // another function of the script may mean another thing by it
            texts.Add(source.Span(at - 1).ToString());
        }
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
                var name = word.ToString();
                hasValue |= !NoValues.Contains(word) && (!safe.Contains(name) || texts.Contains(name));
                if (built.Contains(name))
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

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words(params string[] words) =>
        words.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static bool Is(ReadOnlySpan<char> word, string what) =>
        word.Equals(what, StringComparison.OrdinalIgnoreCase);

    private void Add(string rule, int at) => found.Add(CodeRuleSet.Rule(rule), at);
}
