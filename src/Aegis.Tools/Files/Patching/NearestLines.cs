using System.Collections.Immutable;

namespace Aegis.Tools.Files.Patching;

/// <summary>Says where a file comes closest to what a hunk looked for, so that the writer sees the
/// difference.</summary>
internal static class NearestLines
{
    // bounds the work of an error message: at most 20,000 × 100 comparisons
    private const int FileLinesMax = 20_000;
    private const int HunkLinesMax = 100;
    private const int ShownMax = 160;

    public static string Describe(List<string> lines, ImmutableArray<string> wanted)
    {
        if (lines.Count == 0)
        {
            return "an empty file";
        }
        if (wanted.IsEmpty)
        {
            return $"{lines.Count} lines";
        }
        var (at, agreeing) = Closest(lines, wanted);
        if (agreeing == 0)
        {
            at = MostSimilar(lines, wanted[0]);
            return $"nearest is line {at + 1}: {Show(lines[at])}";
        }
        for (var i = 0; i < wanted.Length; i++)
        {
            var found = at + i < lines.Count ? lines[at + i] : null;
            if (found?.Trim() != wanted[i].Trim())
            {
                var there = found is null ? "the end of the file" : Show(found);
                return $"nearest at line {at + 1}, {agreeing} of {wanted.Length} lines agree; "
                    + $"line {at + i + 1}: wanted {Show(wanted[i])}, found {there}";
            }
        }
        return $"nearest at line {at + 1}: only the indentation differs; found {Show(lines[at])}";
    }

    public static string Show(string line)
    {
        var cut = line.TrimEnd('\r');
        return cut.Length <= ShownMax ? $"«{cut}»" : $"«{cut[..ShownMax]}…»";
    }

    private static (int At, int Agreeing) Closest(List<string> lines, ImmutableArray<string> wanted)
    {
        var (best, bestAt) = (0, 0);
        var height = Math.Min(wanted.Length, HunkLinesMax);
        for (var at = 0; at < Math.Min(lines.Count, FileLinesMax); at++)
        {
            var agreeing = 0;
            for (var i = 0; i < height && at + i < lines.Count; i++)
            {
                var trimmed = lines[at + i].AsSpan().Trim();
                agreeing += trimmed.Length > 0 && trimmed.SequenceEqual(wanted[i].AsSpan().Trim()) ? 1 : 0;
            }
            if (agreeing > best)
            {
                (best, bestAt) = (agreeing, at);
            }
        }
        return (bestAt, best);
    }

    private static int MostSimilar(List<string> lines, string wanted)
    {
        var pairs = Pairs(wanted);
        var (best, bestAt) = (-1.0, 0);
        for (var at = 0; at < Math.Min(lines.Count, FileLinesMax); at++)
        {
            var own = Pairs(lines[at]);
            var score = own.Count + pairs.Count == 0 ? 0
                : 2.0 * own.Count(pairs.Contains) / (own.Count + pairs.Count);
            if (score > best)
            {
                (best, bestAt) = (score, at);
            }
        }
        return bestAt;
    }

    private static HashSet<int> Pairs(string line)
    {
        var trimmed = line.AsSpan().Trim();
        trimmed = trimmed[..Math.Min(trimmed.Length, ShownMax)];
        var pairs = new HashSet<int>();
        for (var i = 1; i < trimmed.Length; i++)
        {
            pairs.Add((trimmed[i - 1] << 16) | trimmed[i]);
        }
        return pairs;
    }
}
