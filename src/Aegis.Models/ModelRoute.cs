using Aegis.Core.Prices;
using Aegis.Core.Profiles;

namespace Aegis.Models;

/// <summary>Where a request goes: the provider's name, its model, the address, the key's name, the
/// price.</summary>
internal sealed record ModelRoute(string Provider, string Model, Uri? BaseUrl, string? ApiKeyEnv,
    TokenPrice? Price)
{
    /// <summary>Under a rehearsal nothing is called, so any provider's name will do.</summary>
    public static ModelRoute Of(Profile profile, ModelRequest request)
    {
        var choice = ModelChoice.Of(profile, request.Provider, request.Model, PriceList.BuiltIn);
        if (choice.Alias is null && request.Model is null && profile.Rehearsal is null)
        {
            throw ModelErrors.NoAlias(ModelChoice.DefaultAlias, profile.Models.Keys);
        }
        if (choice.Alias?.Provider is { } own && request.Provider is { } asked && own != asked)
        {
            throw ModelErrors.TwoProviders(choice.Alias.Name, own, asked);
        }
        if (profile.Rehearsal is not null)
        {
            return new(choice.Provider ?? "rehearsal", choice.Model, null, null, null);
        }
        var address = choice.Address ?? throw ModelErrors.NoProvider(choice.Provider, profile.Providers.Keys);
        return new(choice.Provider ?? address.Host, choice.Model, address, choice.ApiKeyEnv, choice.Price);
    }
}
