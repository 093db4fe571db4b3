using System.Collections.Immutable;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Models;

/// <summary>Where a request goes, how it is spoken to, and what it costs.</summary>
/// <param name="KeyName">The name of the key's secret; null for a server without keys.</param>
internal sealed record ModelRoute(string Provider, string Model, Uri? BaseUrl, string? KeyName,
    TokenRates? Rates)
{
    public ProviderAuth Auth { get; init; } = ProviderAuth.Bearer;

    public ImmutableSortedDictionary<string, string> Headers { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    public OutputLimit OutputLimit { get; init; }

    /// <summary>What is known of the model; null for nothing.</summary>
    public CatalogueModel? Facts { get; init; }

    /// <summary>Whether the connection may reach only what is local.</summary>
    public bool MustBeLocal { get; init; }

    /// <summary>Whether the host's own key of that name may go there.</summary>
    public bool HostMayLend { get; init; } = true;

    /// <summary>Under a rehearsal nothing is called, so any provider's name will do.</summary>
    public static ModelRoute Of(Profile profile, ModelRequest request, ModelCatalogue catalogue)
    {
        var choice = ModelChoice.Of(profile, request.Provider, request.Model, catalogue);
        if (choice.Alias is null && request.Model is null && profile.Rehearsal is null)
        {
            throw ModelErrors.NoAlias(ModelChoice.DefaultAlias, profile.Models.Keys);
        }
        if (choice.Alias is { } alias && request.Provider is { } asked
            && OthersOnly(alias.Candidates, asked) is { } own)
        {
            throw ModelErrors.TwoProviders(alias.Name, own, asked);
        }
        if (profile.Rehearsal is not null)
        {
            return new(choice.Provider ?? "rehearsal", choice.Model, null, null, null);
        }
        var address = choice.Address ?? throw NoAddress(profile, choice, catalogue);
        if (ProfileCheck.Locality(choice) is { } far)
        {
            throw new AegisException(far);
        }
        var name = choice.Provider ?? address.Host;
        if (choice.KeyName is not null && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            throw ModelErrors.KeyInTheOpen(name);
        }
        return choice.Listed is { Protocol: not ModelProtocol.OpenAi and var protocol }
            ? throw ModelErrors.NotSpoken(name, CatalogueWords.Protocols.Word(protocol))
            : new(name, choice.Model, address, choice.KeyName, choice.Rates)
            {
                Auth = choice.KeyName is null ? ProviderAuth.None
                    : choice.Listed?.Auth is { Kind: not AuthKind.None } known ? known : ProviderAuth.Bearer,
                Headers = choice.Listed?.Headers ?? ImmutableSortedDictionary<string, string>.Empty,
                OutputLimit = choice.Listed?.OutputLimit ?? OutputLimit.MaxTokens,
                Facts = choice.Facts,
                MustBeLocal = choice.MustBeLocal,
                HostMayLend = choice.HostMayLend,
            };
    }

    private static AegisException NoAddress(Profile profile, ModelChoice choice, ModelCatalogue catalogue) =>
        choice.Alias is { Filter: not null } alias ? new(ProfileCheck.NoModel(alias))
        : choice.Provider is { } name && profile.Providers.GetValueOrDefault(name) is { } own
            && ProfileCheck.Address(own, catalogue) is { } error ? new(error)
        : ModelErrors.NoProvider(choice.Provider, profile.Providers.Keys);

    // the provider of an alias whose models all belong to others than the one asked for
    private static string? OthersOnly(ImmutableArray<ModelCandidate> candidates, string asked) =>
        candidates.IsEmpty || candidates.Any(c => c.Provider is null || c.Provider == asked) ? null
            : candidates[0].Provider;
}
