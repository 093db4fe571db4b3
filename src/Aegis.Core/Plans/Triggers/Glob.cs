using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Core.Plans.Triggers;

/// <summary>Globs of branches and paths: <c>*</c> and <c>?</c> stay within a segment, <c>**</c> crosses
/// segments. They are matched in linear time, whatever a name from outside looks like.</summary>
public static class Glob
{
    public static bool Matches(string glob, string name) =>
        Regex.IsMatch(name, Pattern(glob), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string Pattern(string glob)
    {
        var pattern = new StringBuilder("^");
        for (var i = 0; i < glob.Length; i++)
        {
            var crosses = glob[i] == '*' && i + 1 < glob.Length && glob[i + 1] == '*';
            if (crosses && i + 2 < glob.Length && glob[i + 2] == '/')
            {
                // a/**/b also names a/b
                pattern.Append("(?:.*/)?");
                i += 2;
            }
            else if (crosses)
            {
                pattern.Append(".*");
                i++;
            }
            else
            {
                pattern.Append(glob[i] switch
                {
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    var c => Regex.Escape($"{c}"),
                });
            }
        }
        return pattern.Append("\\z").ToString();
    }
}
