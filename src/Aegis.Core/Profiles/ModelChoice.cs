using System.Collections.Immutable;
using Aegis.Core.Catalogue;

namespace Aegis.Core.Profiles;

/// <summary>A model that may answer what a call names: as much of it as is known.</summary>
/// <param name="Alias">The alias that was named, or that is meant where none was.</param>
/// <param name="Provider">Null where no provider is named and the profile has not exactly one.</param>
/// <param name="Address">Null where neither the profile nor the catalogue knows such a provider, or where a
/// placeholder of its address is open.</param>
/// <param name="KeyName">The name of the secret; null for a server without keys.</param>
/// <param name="Rates">Null where nobody states what it costs.</param>
public sealed record ModelChoice(ModelAlias? Alias, string? Provider, string Model, Uri? Address,
    string? KeyName, TokenRates? Rates)
{
    public const string DefaultAlias = "reasoning";

    /// <summary>What the catalogue knows of the provider at this address; null for nothing.</summary>
    public CatalogueProvider? Listed { get; init; }

    /// <summary>What it knows of the model.</summary>
    public CatalogueModel? Facts => Listed?.Models.GetValueOrDefault(Model);

    /// <summary>All that is stated of what it costs: a price of the profile says nothing of caches.</summary>
    public ModelPrice? Price => Rates is null ? null
        : Facts?.Price is { } stated && ReferenceEquals(stated.Tokens, Rates) ? stated
        : new ModelPrice(Rates, null, null, null);

    public Locality Locality { get; init; }

    /// <summary>Whether only what is local may answer.</summary>
    public bool MustBeLocal { get; init; }

    /// <summary>Whether the host may lend its own key of that name: one that the catalogue names goes to the
    /// address that the catalogue names, so that no profile draws it elsewhere.</summary>
    public bool HostMayLend { get; init; }

    /// <summary>The first of <see cref="All"/>.</summary>
    public static ModelChoice Of(
        Profile profile, string? provider, string? model, ModelCatalogue catalogue) =>
        All(profile, provider, model, catalogue) is [var first, ..] ? first
            : new(profile.Models.GetValueOrDefault(model ?? DefaultAlias), provider, model ?? DefaultAlias,
                null, null, null);

    /// <summary>All that may answer, in the order of the alias; those of a filter by their price for input,
    /// the cheapest first, unknown prices last. Empty where a filter lets none through.</summary>
    public static ImmutableArray<ModelChoice> All(
        Profile profile, string? provider, string? model, ModelCatalogue catalogue)
    {
        var alias = profile.Models.GetValueOrDefault(model ?? DefaultAlias);
        var candidates = alias is null ? [new ModelCandidate(model ?? DefaultAlias)]
            : alias.Filter is { } filter ? Filtered(profile, alias, filter, catalogue)
            : Asked(alias.Candidates, provider);
        return [.. candidates
            .Where(c => alias?.Filter is null || provider is null || c.Provider == provider)
            .Select(c => Choice(profile, alias, c, provider, catalogue))];
    }

    // a call that names a provider wants one of its candidates; where there is none, the first one tells why
    private static IEnumerable<ModelCandidate> Asked(
        ImmutableArray<ModelCandidate> candidates, string? provider) =>
        provider is not null && candidates.Where(c => c.Provider is null || c.Provider == provider).ToList()
            is { Count: > 0 } own ? own : candidates;

    private static IEnumerable<ModelCandidate> Filtered(
        Profile profile, ModelAlias alias, ModelFilter filter, ModelCatalogue catalogue) =>
        profile.Providers.Values
            .SelectMany(p => (p.ListedIn(catalogue)?.Models.Values ?? [])
                .Where(m => filter.Fits(m, alias.Kind))
                .Select(m => (Provider: p.Name, Model: m)))
            .OrderBy(f => f.Model.Price?.Tokens?.Tokens.InputUsd ?? decimal.MaxValue)
            .ThenBy(f => f.Provider, StringComparer.Ordinal)
            .ThenBy(f => f.Model.Name, StringComparer.Ordinal)
            .Select(f => new ModelCandidate(f.Model.Name, f.Provider));

    private static ModelChoice Choice(Profile profile, ModelAlias? alias, ModelCandidate candidate,
        string? asked, ModelCatalogue catalogue)
    {
        var name = asked ?? candidate.Provider
            ?? (profile.Providers.Count == 1 ? profile.Providers.Keys.First() : null);
        var own = name is null ? null : profile.Providers.GetValueOrDefault(name);
        var listed = candidate.BaseUrl is { } other ? catalogue.At(other)
            : own?.ListedIn(catalogue);
        var byCatalogue = candidate.BaseUrl is null && own is { BaseUrl: null };
        var address = candidate.BaseUrl ?? own?.BaseUrl
            ?? (byCatalogue ? listed?.Address.Fill(own!.Placeholders) : null);
        // a provider's key goes to the provider's own address only
        var key = candidate.KeyName ?? (candidate.BaseUrl is not null ? null
            : own?.KeyName ?? (byCatalogue ? listed?.Auth.Secret : null));
        var stated = own?.Prices.TryGetValue(candidate.Model, out var found) == true ? found
            : (TokenPrice?)null;
        var price = candidate.Price ?? stated;
        return new(alias, name, candidate.Model, address, key, price is { } flat ? new TokenRates(flat)
            : address is null ? null : listed?.Models.GetValueOrDefault(candidate.Model)?.Price?.Tokens)
        {
            Listed = listed,
            Locality = byCatalogue ? listed?.Locality ?? Locality.Remote
                : candidate.BaseUrl is null && own is not null ? own.Locality : Locality.Remote,
            MustBeLocal = profile.IsLocal || alias?.IsLocal == true,
            HostMayLend = key is null || listed?.Auth.Secret == key
                || catalogue.Providers.Values.All(p => p.Auth.Secret != key),
        };
    }
}
