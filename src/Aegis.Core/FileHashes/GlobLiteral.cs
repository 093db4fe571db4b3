using System.Text;

namespace Aegis.Core.FileHashes;

/// <summary>The one name that a segment stands for, as GitHub's runner finds out where to look. It does not
/// quite agree with what matches: <c>[]a]</c> is sought under just that name.</summary>
internal static class GlobLiteral
{
    /// <summary>Null where the segment may stand for several names.</summary>
    public static string? Of(string segment)
    {
        var name = new StringBuilder();
        for (var i = 0; i < segment.Length; i++)
        {
            switch (segment[i])
            {
                case '\\' when i + 1 < segment.Length:
                    name.Append(segment[++i]);
                    break;
                case '*' or '?':
                    return null;
                case '[' when SetAt(segment, i, out var end) is { Length: > 0 } set:
                    if (set.Length > 1)
                    {
                        return null;
                    }
                    name.Append(set);
                    i = end;
                    break;
                default:
                    name.Append(segment[i]);
                    break;
            }
        }
        return name.ToString();
    }

    /// <summary>What stands between the brackets; null where they are not closed.</summary>
    private static string? SetAt(string segment, int at, out int end)
    {
        var set = new StringBuilder();
        for (end = at + 1; end < segment.Length && segment[end] != ']'; end++)
        {
            if (segment[end] == '\\' && end + 1 < segment.Length)
            {
                end++;
            }
            set.Append(segment[end]);
        }
        return end < segment.Length ? set.ToString() : null;
    }
}
