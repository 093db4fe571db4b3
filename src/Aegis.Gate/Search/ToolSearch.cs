using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Gate.Search;

/// <summary>A tool that a search found.</summary>
/// <param name="Score">Comparable within one search alone.</param>
public readonly record struct ToolHit(Tool Tool, double Score);

/// <summary>
/// Finds tools by words, so that a client with a small context need not carry a long list. Okapi BM25 over
/// three fields: words of the name count most, those of the description less, names of input members least.
/// The order depends on the tools and the words alone: scores are added up in the order of the words, and
/// equal ones stand in the order of names.
/// </summary>
public static class ToolSearch
{
    public const int QueryCharsMax = 512;
    public const int WordsMax = 32;

    private const double NameWeight = 4;
    private const double TextWeight = 1;
    private const double MemberWeight = 0.5;

    // the usual constants of BM25: how soon repetition stops to count, how much length does
    private const double Saturation = 1.2;
    private const double LengthShare = 0.75;

    public static ImmutableArray<ToolHit> Rank(IEnumerable<Tool> tools, string query, int limit)
    {
        var texts = tools.Select(ToolText.Of).ToList();
        var words = Words(query).Distinct().Take(WordsMax).ToList();
        if (texts.Count == 0 || words.Count == 0)
        {
            return [];
        }
        var average = texts.Average(t => t.Length);
        var rarity = words.ConvertAll(w => Rarity(texts.Count, texts.Count(t => t.Weight(w) > 0)));
        return
        [
            .. texts.Select(t => new ToolHit(t.Tool, Score(t, words, rarity, average)))
                .Where(h => h.Score > 0)
                .OrderByDescending(h => h.Score)
                .ThenBy(h => h.Tool.Descriptor.Name, StringComparer.Ordinal)
                .Take(limit),
        ];
    }

    /// <summary>Lower-case runs of letters and digits, at least two long, without a plural's s.</summary>
    internal static IEnumerable<string> Words(string text)
    {
        var from = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                continue;
            }
            if (i - from > 1)
            {
                yield return Stem(text[from..i].ToLowerInvariant());
            }
            from = i + 1;
        }
    }

    // a plural finds its singular; more would need a language
    private static string Stem(string word) =>
        word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal)
            ? word[..^1]
            : word;

    private static double Rarity(int all, int having) =>
        Math.Log(1 + ((all - having + 0.5) / (having + 0.5)));

    private static double Score(ToolText text, List<string> words, List<double> rarity, double average)
    {
        var score = 0.0;
        for (var i = 0; i < words.Count; i++)
        {
            var weight = text.Weight(words[i]);
            var norm = Saturation * (1 - LengthShare + (LengthShare * text.Length / average));
            score += rarity[i] * weight * (Saturation + 1) / (weight + norm);
        }
        return score;
    }

    private sealed record ToolText(Tool Tool, FrozenDictionary<string, double> Weights, double Length)
    {
        public double Weight(string word) => Weights.GetValueOrDefault(word);

        public static ToolText Of(Tool tool)
        {
            var weights = new SortedDictionary<string, double>(StringComparer.Ordinal);
            var length = 0.0;
            Add(tool.Descriptor.Name.Replace('_', ' '), NameWeight);
            Add(tool.Descriptor.Description, TextWeight);
            var schema = tool.Schema;
            if (schema.ValueKind == JsonValueKind.Object
                && schema.TryGetProperty("properties", out var members)
                && members.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in members.EnumerateObject())
                {
                    Add(member.Name.Replace('_', ' '), MemberWeight);
                }
            }
            return new ToolText(tool, weights.ToFrozenDictionary(StringComparer.Ordinal), length);

            void Add(string text, double weight)
            {
                foreach (var word in Words(text))
                {
                    weights[word] = weights.GetValueOrDefault(word) + weight;
                    length += weight;
                }
            }
        }
    }
}
