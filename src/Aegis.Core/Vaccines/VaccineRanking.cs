using System.Collections.Immutable;

namespace Aegis.Core.Vaccines;

/// <summary>Puts what several searches found into one order, and as much of it as fits into a
/// prompt.</summary>
public static class VaccineRanking
{
    // the usual constant of reciprocal rank fusion: how much the first places stand out
    private const double Flatness = 60;

    // about so many characters make a token of a model
    private const int CharsPerToken = 4;

    /// <summary>Reciprocal rank fusion: scores of different searches cannot be added, places can. What has
    /// stopped much stands a little higher among equals, what has failed lower, what is graver higher.
    /// </summary>
    /// <param name="lists">Ids, best first.</param>
    public static ImmutableArray<Vaccine> Fuse(
        IReadOnlyDictionary<string, Vaccine> vaccines, params IEnumerable<IReadOnlyList<string>> lists)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var list in lists)
        {
            for (var i = 0; i < list.Count; i++)
            {
                scores[list[i]] = scores.GetValueOrDefault(list[i]) + (1 / (Flatness + i + 1));
            }
        }
        return
        [
            .. scores.Where(s => vaccines.ContainsKey(s.Key)).OrderByDescending(s => s.Value
                * Weight(vaccines[s.Key])).ThenBy(s => s.Key, StringComparer.Ordinal)
                .Select(s => vaccines[s.Key]),
        ];
    }

    /// <summary>Those whose lines fit, in their order; a long one is left out, and shorter ones behind it are
    /// not.</summary>
    public static ImmutableArray<Vaccine> Fit(IEnumerable<Vaccine> ranked, int budgetTokens)
    {
        var left = budgetTokens;
        var kept = ImmutableArray.CreateBuilder<Vaccine>();
        foreach (var vaccine in ranked)
        {
            var tokens = Tokens(vaccine.Line);
            if (tokens <= left)
            {
                left -= tokens;
                kept.Add(vaccine);
            }
        }
        return kept.ToImmutable();
    }

    public static int Tokens(string text) => (text.Length + CharsPerToken - 1) / CharsPerToken;

    private static double Weight(Vaccine vaccine) =>
        (0.75 + (0.5 * (vaccine.Counts.Efficacy ?? 0.5))) * (1 + (0.1 * (int)vaccine.Severity));
}
