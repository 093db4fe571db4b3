using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>Which of several labels a set of words belongs to, by how often the words stood in sets whose
/// label is known: a naive Bayes classifier. The same each time, and learnt in one pass. See
/// docs/decisions/0072.</summary>
internal sealed class WordCounts<TLabel>
    where TLabel : struct
{
    // what is added to each count, so that a word that a label never had does not rule it out
    private const double Smoothing = 0.1;
    private const double WorthMin = 2.5;

    // a set of more words says no more for each of them
    private const double SetWords = 30;

    private readonly ImmutableArray<TLabel> labels;
    private readonly Dictionary<string, double[]> weights = new(StringComparer.Ordinal);
    private readonly double[] priors;

    public WordCounts(IEnumerable<(TLabel Label, IReadOnlySet<string> Words)> known)
    {
        var sets = known.ToList();
        labels = [.. sets.Select(s => s.Label).Distinct().Order()];
        priors = new double[labels.Length];
        var totals = new double[labels.Length];
        foreach (var (label, words) in sets)
        {
            var at = labels.IndexOf(label);
            var weight = Math.Min(1, Math.Sqrt(SetWords / words.Count));
            priors[at]++;
            totals[at] += weight * words.Count;
            foreach (var word in words)
            {
                if (!weights.TryGetValue(word, out var counts))
                {
                    weights[word] = counts = new double[labels.Length];
                }
                counts[at] += weight;
            }
        }
        foreach (var counts in weights.Values)
        {
            for (var at = 0; at < counts.Length; at++)
            {
                counts[at] = Math.Log((counts[at] + Smoothing)
                    / (totals[at] + (Smoothing * weights.Count)));
            }
        }
        for (var at = 0; at < priors.Length; at++)
        {
            priors[at] = Math.Log(priors[at] / sets.Count);
        }
    }

    /// <summary>The likeliest label, and how sure it is, from 0 to 1; null where no word is known.</summary>
    public (TLabel Label, double Confidence)? Find(IReadOnlySet<string> words)
    {
        var sums = priors.ToArray();
        var isKnown = false;
        foreach (var word in words)
        {
            if (weights.TryGetValue(word, out var logs))
            {
                isKnown = true;
                for (var at = 0; at < sums.Length; at++)
                {
                    sums[at] += logs[at];
                }
            }
        }
        if (!isKnown)
        {
            return null;
        }
        var most = sums.Max();
        // words of a sentence are no independent witnesses: many of them are worth as much as the root of
        // their number, those that nobody knows lessen it, and a single one proves little
        var worth = Math.Max(WorthMin, Math.Sqrt(words.Count));
        var all = sums.Sum(s => Math.Exp((s - most) / worth));
        return (labels[Array.IndexOf(sums, most)], 1 / all);
    }
}
