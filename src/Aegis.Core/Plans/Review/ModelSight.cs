using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;

namespace Aegis.Core.Plans.Review;

/// <summary>What is known of the models that a run would call.</summary>
/// <param name="Profile">Null where it is not known, as offline: then the models' list prices stand
/// in.</param>
/// <param name="Rehearsal">The file that the profile names.</param>
public sealed record ModelSight(Profile? Profile, RehearsalFile? Rehearsal, ModelCatalogue Catalogue)
{
    public static ModelSight Unknown { get; } = new(null, null, ModelCatalogue.BuiltIn);

    /// <summary>The longest reply of a call that does not say.</summary>
    public int ReplyTokens => (Profile ?? Profile.Empty).Generation.TokensMax;

    /// <summary>The price of the model that a call names; null where nobody states it.</summary>
    public SeenPrice? PriceOf(string? provider, string? model)
    {
        if (Profile is not null)
        {
            var choice = ModelChoice.Of(Profile, provider, model, Catalogue);
            return choice.Rates is { } rates
                ? new SeenPrice(rates, choice.Facts?.OutputTokensMax, null)
                : null;
        }
        return model is not null && Catalogue.Listed(provider, model) is { } found
            ? new SeenPrice(found.Rates, found.Model.OutputTokensMax, found.IsOwn
                ? $"{model} at the list price of {found.Seller}"
                : $"{model} at the list price of {found.Seller}; "
                    + $"{provider}'s own is not known without its profile")
            : null;
    }
}

/// <param name="Note">What the price rests on, where that is not the profile itself.</param>
public sealed record SeenPrice(TokenRates Rates, int? OutputTokensMax, string? Note);
