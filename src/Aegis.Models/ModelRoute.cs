using Aegis.Models.Profiles;

namespace Aegis.Models;

/// <summary>Where a request goes: the provider's name, its model, the address, the key's name, the
/// price.</summary>
internal sealed record ModelRoute(string Provider, string Model, Uri? BaseUrl, string? ApiKeyEnv,
    TokenPrice? Price)
{
    public const string DefaultAlias = "reasoning";

    /// <summary>Under a rehearsal nothing is called, so any provider's name will do.</summary>
    public static ModelRoute Of(Profile profile, ModelRequest request)
    {
        var alias = profile.Models.GetValueOrDefault(request.Model ?? DefaultAlias);
        if (alias is null && request.Model is null && profile.Rehearsal is null)
        {
            throw ModelErrors.NoAlias(DefaultAlias, profile.Models.Keys);
        }
        if (alias?.Provider is { } own && request.Provider is { } asked && own != asked)
        {
            throw ModelErrors.TwoProviders(alias.Name, own, asked);
        }
        var name = request.Provider ?? alias?.Provider
            ?? (profile.Providers.Count == 1 ? profile.Providers.Keys.First() : null);
        var model = alias?.Model ?? request.Model ?? DefaultAlias;
        if (profile.Rehearsal is not null)
        {
            return new(name ?? "rehearsal", model, null, null, null);
        }
        var provider = name is null ? null : profile.Providers.GetValueOrDefault(name);
        var address = alias?.BaseUrl ?? provider?.BaseUrl
            ?? throw ModelErrors.NoProvider(name, profile.Providers.Keys);
        TokenPrice? listed = provider?.Prices.TryGetValue(model, out var found) == true ? found : null;
        // a provider's key goes to the provider's own address only
        var keyName = alias?.ApiKeyEnv ?? (alias?.BaseUrl is null ? provider?.ApiKeyEnv : null);
        return new(name ?? address.Host, model, address, keyName, alias?.Price ?? listed);
    }
}
