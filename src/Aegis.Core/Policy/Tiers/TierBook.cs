using System.Collections.Immutable;

namespace Aegis.Core.Policy.Tiers;

/// <summary>The tiers of an installation by name: its <c>allowlist.json</c>.</summary>
/// <param name="Version">Changes with the file: what was decided by another one is decided again.</param>
public sealed record TierBook(ImmutableSortedDictionary<string, Tier> Tiers, string Version)
{
    private static readonly Lazy<TierBook> Shipped = new(ReadShipped);

    /// <summary>The list of document 1, which this release ships.</summary>
    public static TierBook BuiltIn => Shipped.Value;

    private static TierBook ReadShipped()
    {
        using var stream = typeof(TierBook).Assembly.GetManifestResourceStream("contracts.allowlist.json")!;
        using var reader = new StreamReader(stream);
        var read = TierBookParser.Parse(reader.ReadToEnd(), "contracts/allowlist.json");
        return read.Value ?? throw new Errors.InvariantViolationException(string.Join('\n', read.Errors));
    }
}
