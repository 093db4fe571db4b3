namespace Aegis.Core;

/// <summary>The name a writer probably meant: the nearest by edits, if it is near enough to be worth
/// saying.</summary>
public static class NearestName
{
    private const int LengthMax = 64;
    private const int CandidatesMax = 500;

    public static string? Of(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LengthMax)
        {
            return null;
        }
        var limit = word.Length <= 4 ? 1 : word.Length <= 8 ? 2 : 3;
        string? best = null;
        var bestDistance = limit + 1;
        candidates = [.. candidates.Take(CandidatesMax)];
        // the last part of a dotted name, written alone
        if (candidates.FirstOrDefault(c => c.EndsWith("." + word, StringComparison.OrdinalIgnoreCase))
            is { } whole)
        {
            return whole;
        }
        foreach (var candidate in candidates)
        {
            if (candidate.Length > LengthMax || Math.Abs(candidate.Length - word.Length) >= bestDistance)
            {
                continue;
            }
            var distance = Distance(word, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }
        return best;
    }

    /// <summary>Edits between two words of at most 64 letters.</summary>
    internal static int Edits(string a, string b) => Distance(a, b);

    // optimal string alignment: a swap of neighbours counts once, as it is one slip of the fingers
    private static int Distance(string a, string b)
    {
        Span<int> before = stackalloc int[LengthMax + 1];
        Span<int> above = stackalloc int[LengthMax + 1];
        Span<int> row = stackalloc int[LengthMax + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            above[j] = j;
        }
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = Same(a[i - 1], b[j - 1]);
                var least = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                {
                    least = Math.Min(least, before[j - 2] + 1);
                }
                row[j] = least;
            }
            above.CopyTo(before);
            row.CopyTo(above);
        }
        return above[b.Length];
    }

    private static bool Same(char a, char b) =>
        char.ToLowerInvariant(a) == char.ToLowerInvariant(b) || (a is '-' or '_' && b is '-' or '_');
}
