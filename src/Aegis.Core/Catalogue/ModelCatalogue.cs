using System.Collections.Frozen;
using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Catalogue;

/// <summary>The providers of models and what is known of them, as far as a page says so:
/// <c>contracts/models.yaml</c>, and what an installation adds to it. See docs/models.md.</summary>
public sealed class ModelCatalogue
{
    private static readonly Lazy<ModelCatalogue> Shipped = new(ReadShipped);

    private readonly FrozenDictionary<string, CatalogueProvider> atFixedPlaces;
    private readonly ImmutableArray<CatalogueProvider> elsewhere;

    /// <param name="providers">By name.</param>
    public ModelCatalogue(ImmutableSortedDictionary<string, CatalogueProvider> providers)
    {
        Providers = providers;
        var (open, closed) = (providers.Values.Where(p => p.Address.Place is null),
            providers.Values.Where(p => p.Address.Place is not null));
        atFixedPlaces = closed.GroupBy(p => p.Address.Place!).ToFrozenDictionary(g => g.Key, g => g.First());
        elsewhere = [.. open];
    }

    public static ModelCatalogue None { get; } =
        new(ImmutableSortedDictionary<string, CatalogueProvider>.Empty);

    /// <summary>The catalogue that this release ships.</summary>
    public static ModelCatalogue BuiltIn => Shipped.Value;

    public ImmutableSortedDictionary<string, CatalogueProvider> Providers { get; }

    /// <summary>Whose address this is; null where nobody's.</summary>
    public CatalogueProvider? At(Uri address) =>
        atFixedPlaces.GetValueOrDefault(ProviderAddress.PlaceOf(address))
            ?? elsewhere.FirstOrDefault(p => p.Address.Covers(address));

    /// <summary>The price at a provider by its name in the catalogue; at one of whose models no price is
    /// known, the dearest at which any other sells the model.</summary>
    public ListedPrice? Listed(string? provider, string model)
    {
        if (provider is not null && Providers.TryGetValue(provider, out var known)
            && known.Models.Values.Any(m => m.Price?.Tokens is not null))
        {
            return Of(known, model, true);
        }
        return Providers.Values.Select(p => Of(p, model, provider is null)).OfType<ListedPrice>()
            .MaxBy(p => p.Rates.Tokens.OutputUsd);
    }

    private static ListedPrice? Of(CatalogueProvider provider, string model, bool isOwn) =>
        provider.Models.GetValueOrDefault(model) is { Price.Tokens: { } rates } found
            ? new ListedPrice(rates, found, provider.Name, isOwn)
            : null;

    private static ModelCatalogue ReadShipped()
    {
        using var stream =
            typeof(ModelCatalogue).Assembly.GetManifestResourceStream("contracts.models.yaml")!;
        using var reader = new StreamReader(stream);
        var read = CatalogueParser.Parse(reader.ReadToEnd(), "contracts/models.yaml", None);
        return read.Value
            ?? throw new InvariantViolationException(string.Join('\n', read.Errors));
    }
}

/// <param name="Seller">The provider of the catalogue whose price it is.</param>
/// <param name="IsOwn">False where it stands in for the price of a provider whose prices the catalogue does
/// not know.</param>
public sealed record ListedPrice(TokenRates Rates, CatalogueModel Model, string Seller, bool IsOwn);
