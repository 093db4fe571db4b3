using Aegis.Core.Prices;

namespace Aegis.Core.Profiles;

/// <summary>What a profile makes of the provider and model that a call names: as much of it as is
/// known.</summary>
/// <param name="Alias">The alias that was named, or that is meant where none was.</param>
/// <param name="Address">Null where the profile knows no such provider.</param>
/// <param name="ApiKeyEnv">The name of the secret; null for a server without keys.</param>
/// <param name="Price">Null where nobody states it.</param>
public sealed record ModelChoice(ModelAlias? Alias, string? Provider, string Model, Uri? Address,
    string? ApiKeyEnv, TokenPrice? Price)
{
    public const string DefaultAlias = "reasoning";

    /// <summary>A price of the alias comes first, then the provider's in the profile, then the list's at the
    /// same address.</summary>
    public static ModelChoice Of(Profile profile, string? provider, string? model, PriceList prices)
    {
        var alias = profile.Models.GetValueOrDefault(model ?? DefaultAlias);
        var name = provider ?? alias?.Provider
            ?? (profile.Providers.Count == 1 ? profile.Providers.Keys.First() : null);
        var known = name is null ? null : profile.Providers.GetValueOrDefault(name);
        var chosen = alias?.Model ?? model ?? DefaultAlias;
        var address = alias?.BaseUrl ?? known?.BaseUrl;
        TokenPrice? stated = known?.Prices.TryGetValue(chosen, out var found) == true ? found : null;
        // a provider's key goes to the provider's own address only
        var key = alias?.ApiKeyEnv ?? (alias?.BaseUrl is null ? known?.ApiKeyEnv : null);
        return new(alias, name, chosen, address, key, alias?.Price ?? stated
            ?? (address is null ? null : prices.At(address, chosen)?.Tokens));
    }
}
