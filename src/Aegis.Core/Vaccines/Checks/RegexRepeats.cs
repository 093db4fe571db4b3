using System.Globalization;
using System.Text.RegularExpressions;

namespace Aegis.Core.Vaccines.Checks;

/// <summary>How much a regular expression repeats: each count in braces makes copies, and one inside of
/// another makes copies of copies.</summary>
internal static partial class RegexRepeats
{
    public static long Of(string pattern)
    {
        var all = 1L;
        foreach (Match count in Count().Matches(pattern))
        {
            var most = Math.Max(Number(count.Groups[1]), Number(count.Groups[2]));
            all = Math.Min(int.MaxValue, all * Math.Max(1, most));
        }
        return all;
    }

    private static long Number(Group digits) =>
        digits.Length == 0 ? 0 : digits.Length > 9 ? int.MaxValue
            : long.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{(\d+)(?:,(\d*))?\}")]
    private static partial Regex Count();
}
