using System.Collections.Immutable;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Core.Routing;
using Aegis.Models.Protocols;
using Aegis.Models.Upstreams;

namespace Aegis.Models;

/// <summary>Where a request goes, how it is spoken to, and what it costs.</summary>
/// <param name="KeyName">The name of the key's secret; null for a server without keys.</param>
internal sealed record ModelRoute(string Provider, string Model, Uri BaseUrl, string? KeyName,
    TokenRates? Rates)
{
    private static readonly Uri Nowhere = new("http://rehearsal.invalid/v1");

    private ImmutableArray<(string, string)>? headers;
    private CallWishes? wishes;

    public ProviderAuth Auth { get; init; } = ProviderAuth.Bearer;

    public ImmutableSortedDictionary<string, string> Headers { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    public OutputLimit OutputLimit { get; init; }

    /// <summary>All that is stated of what it costs; null for nothing.</summary>
    public ModelPrice? Price
    {
        get;
        init => (field, Dearest) = (value, RoutePrice.Of(value, PromptCache));
    }

    /// <summary>For the worst case of a call.</summary>
    public RoutePrice? Dearest { get; private init; }

    /// <summary>What is known of the model; null for nothing.</summary>
    public CatalogueModel? Facts { get; init; }

    /// <summary>Whether the connection may reach only what is local.</summary>
    public bool MustBeLocal { get; init; }

    /// <summary>Whether the host's own key of that name may go there.</summary>
    public bool HostMayLend { get; init; } = true;

    public WireProtocol Protocol { get; init; }

    public bool StreamUsage { get; init; } = true;

    public PromptCache PromptCache { get; init; }

    public Locality Locality { get; init; }

    public ModelKey Key { get; } = new(Provider, Model);

    /// <exception cref="AegisException">AEGIS2320 to 2358: it cannot be called.</exception>
    public static ModelRoute Of(Profile profile, ModelChoice choice, ModelCatalogue catalogue)
    {
        if (profile.Rehearsal is not null)
        {
            // nothing is called, so any provider's name will do
            return new(choice.Provider ?? "rehearsal", choice.Model, Nowhere, null, choice.Rates)
            {
                Facts = choice.Facts,
                Price = choice.Price,
                Protocol = ProtocolOf(choice.Listed),
                Locality = Locality.Local,
            };
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
        var listed = choice.Listed;
        return new(name, choice.Model, address, choice.KeyName, choice.Rates)
        {
            Auth = choice.KeyName is null ? ProviderAuth.None
                : listed?.Auth is { Kind: not AuthKind.None } known ? known : ProviderAuth.Bearer,
            Headers = listed?.Headers ?? ImmutableSortedDictionary<string, string>.Empty,
            OutputLimit = listed?.OutputLimit ?? OutputLimit.MaxTokens,
            Protocol = ProtocolOf(listed),
            StreamUsage = listed?.StreamUsage ?? true,
            PromptCache = listed?.PromptCache ?? PromptCache.None,
            Price = choice.Price,
            Facts = choice.Facts,
            Locality = choice.Locality,
            MustBeLocal = choice.MustBeLocal,
            HostMayLend = choice.HostMayLend,
        };
    }

    /// <summary>With the key, everything that is needed to call it.</summary>
    public UpstreamTarget Target(string? key) => new UpstreamTarget(
        Provider, BaseUrl, Protocol, AuthOf(key), Model)
    {
        Headers = headers ??= [.. Headers.Select(h => (h.Key, h.Value))],
        Wishes = wishes ??= new CallWishes
        {
            MaxCompletionTokens = OutputLimit == OutputLimit.MaxCompletionTokens,
            StreamUsage = StreamUsage,
            CacheMarks = PromptCache == PromptCache.AnthropicCacheControl,
            Without = Facts?.Temperature == false ? ["temperature"] : [],
        },
        MustBeLocal = MustBeLocal,
    }.With(PromptCache);

    private UpstreamAuth AuthOf(string? key) => key is null ? UpstreamAuth.None
        : new(Auth.Kind switch
        {
            AuthKind.Header => UpstreamAuthKind.Header,
            AuthKind.Query => UpstreamAuthKind.Query,
            AuthKind.None => UpstreamAuthKind.None,
            _ => UpstreamAuthKind.Bearer,
        }, Auth.Name, key);

    private static WireProtocol ProtocolOf(CatalogueProvider? listed) =>
        listed?.Protocol == ModelProtocol.Anthropic ? WireProtocol.Anthropic : WireProtocol.OpenAi;

    private static AegisException NoAddress(Profile profile, ModelChoice choice, ModelCatalogue catalogue) =>
        choice.Alias is { Filter: not null } alias ? new(ProfileCheck.NoModel(alias))
        : choice.Provider is { } name && profile.Providers.GetValueOrDefault(name) is { } own
            && ProfileCheck.Address(own, catalogue) is { } error ? new(error)
        : ModelErrors.NoProvider(choice.Provider, profile.Providers.Keys);
}
