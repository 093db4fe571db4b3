using System.Collections.Frozen;

namespace Aegis.Core.Ranking;

/// <summary>What a search can find: the words that speak of it, each with what it counts.</summary>
/// <param name="Name">Decides between equals.</param>
public sealed record WeightedText<T>(
    T Item, string Name, FrozenDictionary<string, double> Weights, double Length)
{
    public double Weight(string word) => Weights.GetValueOrDefault(word);

    /// <param name="fields">Words of a part, and what each of them counts.</param>
    public static WeightedText<T> Of(
        T item, string name, params IEnumerable<(IEnumerable<string> Words, double Weight)> fields)
    {
        var weights = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var length = 0.0;
        foreach (var (words, weight) in fields)
        {
            foreach (var word in words)
            {
                weights[word] = weights.GetValueOrDefault(word) + weight;
                length += weight;
            }
        }
        return new WeightedText<T>(item, name, weights.ToFrozenDictionary(StringComparer.Ordinal), length);
    }
}

/// <param name="Score">Comparable within one search alone.</param>
public readonly record struct Ranked<T>(T Item, double Score);
