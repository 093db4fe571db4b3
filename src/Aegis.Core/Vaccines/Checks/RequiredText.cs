using System.Text;

namespace Aegis.Core.Vaccines.Checks;

/// <summary>Letters that stand in every match of a regular expression. Looking for them first costs a
/// hundredth of asking the expression, and nearly every file has none of them. Where the reader is not sure,
/// there is none: what it names must be in every match.</summary>
internal static class RequiredText
{
    private const int LengthMin = 3;

    /// <summary>The longest one; null where none is certain.</summary>
    public static string? Of(string pattern)
    {
        var best = "";
        var run = new StringBuilder();
        void End()
        {
            best = run.Length > best.Length ? run.ToString() : best;
            run.Clear();
        }
        var at = 0;
        while (at < pattern.Length)
        {
            var c = pattern[at];
            switch (c)
            {
                case '|':
                    return null;
                case '(' when pattern.AsSpan(at).StartsWith("(?") && !pattern.AsSpan(at).StartsWith("(?:"):
                    // options such as (?i) change what letters mean
                    return null;
                case '(' or '[':
                    End();
                    if ((at = c == '(' ? EndOfGroup(pattern, at) : EndOfSet(pattern, at)) < 0)
                    {
                        return null;
                    }
                    break;
                case '*' or '?' or '{':
                    // what stands before it may be missing, and a set of counts is not read
                    run.Length = Math.Max(0, run.Length - 1);
                    End();
                    at = c == '{' && pattern.IndexOf('}', at) is var close and > 0 ? close + 1 : at + 1;
                    break;
                case '+' or '.' or '^' or '$' or ')' or ']' or '}':
                    End();
                    at++;
                    break;
                case '\\' when at + 1 < pattern.Length && !char.IsAsciiLetterOrDigit(pattern[at + 1]):
                    run.Append(pattern[at + 1]);
                    at += 2;
                    break;
                case '\\':
                    // a class; the numbers of an escaped character would follow, so those are not trusted
                    if (at + 1 < pattern.Length
                        && !"sSdDwWbB".Contains(pattern[at + 1], StringComparison.Ordinal))
                    {
                        return null;
                    }
                    End();
                    at += 2;
                    break;
                default:
                    run.Append(c);
                    at++;
                    break;
            }
        }
        End();
        return best.Length >= LengthMin ? best : null;
    }

    private static int EndOfGroup(string pattern, int at)
    {
        var depth = 0;
        while (at >= 0 && at < pattern.Length)
        {
            switch (pattern[at])
            {
                case '\\':
                    at++;
                    break;
                case '[':
                    at = EndOfSet(pattern, at) - 1;
                    if (at < 0)
                    {
                        return -1;
                    }
                    break;
                case '(':
                    if (pattern.AsSpan(at).StartsWith("(?") && !pattern.AsSpan(at).StartsWith("(?:"))
                    {
                        return -1;
                    }
                    depth++;
                    break;
                case ')' when --depth == 0:
                    return at + 1;
            }
            at++;
        }
        return -1;
    }

    private static int EndOfSet(string pattern, int at)
    {
        // a bracket that closes at once stands for itself, and sets inside of sets are not read
        var from = at + (pattern.AsSpan(at + 1).StartsWith("^") ? 2 : 1);
        for (var i = from; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    return -1;
                case ']' when i > from:
                    return i + 1;
            }
        }
        return -1;
    }
}
