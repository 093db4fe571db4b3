using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Findings.Dependencies;

/// <summary>How a name resembles one that many projects use.</summary>
/// <param name="Rank">Of the popular name in its list, from 0.</param>
/// <param name="IsSeparatorsOnly">It differs by separators or look-alike letters, not by another
/// letter.</param>
public sealed record Resemblance(string Popular, string How, int Rank, bool IsSeparatorsOnly);

/// <summary>Names of packages that many projects use, of one registry, found again by what a typing error
/// makes of them. The list is data: contracts/popular-packages.json says where it comes from.</summary>
public sealed class PopularNames
{
    /// <summary>Shorter names are near too many others.</summary>
    public const int CharsMin = 4;

    public const int CharsMax = 100;

    private static readonly Lazy<FrozenDictionary<Ecosystem, PopularNames>> All = new(Load);

    private readonly FrozenDictionary<string, int> ranks;
    private readonly FrozenDictionary<string, ImmutableArray<string>> byPlain;
    private readonly FrozenDictionary<string, ImmutableArray<string>> byShorter;

    private PopularNames(IReadOnlyList<string> names)
    {
        ranks = names.Select((name, rank) => (Name: Normal(name), Rank: rank)).DistinctBy(entry => entry.Name)
            .ToFrozenDictionary(entry => entry.Name, entry => entry.Rank, StringComparer.Ordinal);
        byPlain = ranks.Keys.GroupBy(Plain, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(),
                StringComparer.Ordinal);
        byShorter = ranks.Keys.SelectMany(name => Shorter(name).Append(name), (name, key) => (name, key))
            .Distinct()
            .GroupBy(entry => entry.key, entry => entry.name, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(),
                StringComparer.Ordinal);
    }

    public static PopularNames Of(Ecosystem ecosystem) => All.Value[ecosystem];

    /// <summary>Null for a popular name itself, and for one that is like none.</summary>
    public Resemblance? Find(string asked)
    {
        var name = Normal(asked);
        if (name.Length is < CharsMin or > CharsMax || ranks.ContainsKey(name))
        {
            return null;
        }
        if (byPlain.TryGetValue(Plain(name), out var alike))
        {
            return Best(alike, "other separators or a look-alike letter", true);
        }
        var near = Shorter(name).Append(name).SelectMany(key => byShorter.GetValueOrDefault(key, []))
            .Distinct().Where(popular => popular.Length >= CharsMin && Distance.IsOne(name, popular));
        return Best(near, "one letter more, less, other or swapped", false);
    }

    private Resemblance? Best(IEnumerable<string> names, string how, bool isSeparatorsOnly) => names
        .Select(name => new Resemblance(name, how, ranks[name], isSeparatorsOnly)).MinBy(found => found.Rank);

    private static IEnumerable<string> Shorter(string name) =>
        Enumerable.Range(0, name.Length).Select(at => name.Remove(at, 1));

    private static string Normal(string name) => name.ToLowerInvariant();

    // without what is easily taken for something else
    private static string Plain(string name) => string.Concat(name.Where(c => c is not ('-' or '_' or '.'))
        .Select(c => c switch { '0' => 'o', '1' => 'l', '5' => 's', _ => c }));

    private static FrozenDictionary<Ecosystem, PopularNames> Load()
    {
        using var stream = typeof(PopularNames).Assembly
            .GetManifestResourceStream("contracts.popular-packages.json")!;
        using var json = JsonDocument.Parse(stream);
        return new[]
        {
            (Ecosystem.Npm, "npm"), (Ecosystem.PyPi, "pypi"), (Ecosystem.NuGet, "nuget"),
            (Ecosystem.Crates, "crates"),
        }.ToFrozenDictionary(entry => entry.Item1, entry => new PopularNames([.. json.RootElement
                .GetProperty(entry.Item2).GetProperty("names").EnumerateArray()
                    .Select(name => name.GetString()!)]));
    }
}
