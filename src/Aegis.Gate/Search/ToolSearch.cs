using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Ranking;

namespace Aegis.Gate.Search;

/// <summary>A tool that a search found.</summary>
/// <param name="Score">Comparable within one search alone.</param>
public readonly record struct ToolHit(Tool Tool, double Score);

/// <summary>
/// Finds tools by words, so that a client with a small context need not carry a long list: ranked over
/// three fields, of which words of the name count most, those of the description less, names of input
/// members least.
/// </summary>
public static class ToolSearch
{
    public const int QueryCharsMax = 512;
    public const int WordsMax = 32;

    private const double NameWeight = 4;
    private const double TextWeight = 1;
    private const double MemberWeight = 0.5;

    public static ImmutableArray<ToolHit> Rank(IEnumerable<Tool> tools, string query, int limit) =>
    [
        .. WordRanking.Rank([.. tools.Select(TextOf)],
            [.. Words(query).Distinct().Take(WordsMax)], limit).Select(h => new ToolHit(h.Item, h.Score)),
    ];

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

    private static WeightedText<Tool> TextOf(Tool tool) => WeightedText<Tool>.Of(tool, tool.Descriptor.Name,
        (Words(tool.Descriptor.Name.Replace('_', ' ')), NameWeight),
        (Words(tool.Descriptor.Description), TextWeight),
        (MembersOf(tool.Schema).SelectMany(m => Words(m.Replace('_', ' '))), MemberWeight));

    private static IEnumerable<string> MembersOf(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var members)
        && members.ValueKind == JsonValueKind.Object ? members.EnumerateObject().Select(m => m.Name) : [];
}
