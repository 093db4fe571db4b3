using System.Collections.Immutable;

namespace Aegis.Core.Ranking;

/// <summary>
/// Okapi BM25 over texts whose words have weights. The order depends on the texts and the words alone:
/// scores are added up in the order of the words, and equal ones stand in the order of names.
/// </summary>
public static class WordRanking
{
    // the usual constants of BM25: how soon repetition stops to count, how much length does
    private const double Saturation = 1.2;
    private const double LengthShare = 0.75;

    /// <param name="words">Each once.</param>
    public static ImmutableArray<Ranked<T>> Rank<T>(
        IReadOnlyCollection<WeightedText<T>> texts, IReadOnlyList<string> words, int limit)
    {
        if (texts.Count == 0 || words.Count == 0)
        {
            return [];
        }
        var average = texts.Average(t => t.Length);
        var rarity = words.Select(w => Rarity(texts.Count, texts.Count(t => t.Weight(w) > 0))).ToList();
        return
        [
            .. texts.Select(t => (Text: t, Score: Score(t, words, rarity, average)))
                .Where(h => h.Score > 0)
                .OrderByDescending(h => h.Score)
                .ThenBy(h => h.Text.Name, StringComparer.Ordinal)
                .Take(limit).Select(h => new Ranked<T>(h.Text.Item, h.Score)),
        ];
    }

    private static double Rarity(int all, int having) =>
        Math.Log(1 + ((all - having + 0.5) / (having + 0.5)));

    private static double Score<T>(
        WeightedText<T> text, IReadOnlyList<string> words, List<double> rarity, double average)
    {
        var score = 0.0;
        var norm = Saturation * (1 - LengthShare + (LengthShare * text.Length / average));
        for (var i = 0; i < words.Count; i++)
        {
            var weight = text.Weight(words[i]);
            score += rarity[i] * weight * (Saturation + 1) / (weight + norm);
        }
        return score;
    }
}
