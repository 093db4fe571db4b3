using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Prices;

/// <summary>What models cost, as far as a page says so: <c>contracts/models.yaml</c>.</summary>
/// <param name="Providers">By name.</param>
public sealed record PriceList(ImmutableSortedDictionary<string, PricedProvider> Providers)
{
    private static readonly Lazy<PriceList> Shipped = new(ReadShipped);

    public static PriceList None { get; } =
        new(ImmutableSortedDictionary<string, PricedProvider>.Empty);

    /// <summary>The list that this release ships.</summary>
    public static PriceList BuiltIn => Shipped.Value;

    /// <summary>The price at the provider with this address.</summary>
    public ModelPrice? At(Uri address, string model) =>
        Providers.Values.FirstOrDefault(p => p.Host == address.IdnHost)?.Models.GetValueOrDefault(model);

    /// <summary>The price at a provider by its name in this list; at one that the list does not know, the
    /// dearest at which any other sells the model.</summary>
    public ListedPrice? Listed(string? provider, string model) =>
        provider is not null && Providers.TryGetValue(provider, out var known)
            ? known.Models.TryGetValue(model, out var own) ? new ListedPrice(own, known.Name, true) : null
            : Providers.Values
                .Where(p => p.Models.ContainsKey(model))
                .Select(p => new ListedPrice(p.Models[model], p.Name, provider is null))
                .MaxBy(p => p.Price.Tokens.OutputUsd);

    private static PriceList ReadShipped()
    {
        using var stream = typeof(PriceList).Assembly.GetManifestResourceStream("contracts.models.yaml")!;
        using var reader = new StreamReader(stream);
        var read = PriceListParser.Parse(reader.ReadToEnd(), "contracts/models.yaml");
        return read.Value
            ?? throw new InvariantViolationException(string.Join('\n', read.Errors));
    }
}

/// <param name="Host">Of its address: a profile's provider with the same one has these prices.</param>
public sealed record PricedProvider(string Name, string Host,
    ImmutableSortedDictionary<string, ModelPrice> Models);

/// <param name="CachedInputUsd">For a million tokens that the provider had in its cache; null where the page
/// names none.</param>
/// <param name="OutputTokensMax">The longest reply; null where the page names none.</param>
/// <param name="Source">The page that says so.</param>
/// <param name="Read">The day on which it was read.</param>
public sealed record ModelPrice(TokenPrice Tokens, decimal? CachedInputUsd, int? OutputTokensMax, Uri Source,
    DateOnly Read);

/// <param name="Seller">The provider of the list whose price it is.</param>
/// <param name="IsOwn">False where it stands in for the price of a provider that the list does not
/// know.</param>
public sealed record ListedPrice(ModelPrice Price, string Seller, bool IsOwn);
