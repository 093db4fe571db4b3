using Aegis.Core.Prices;
using Aegis.Core.Profiles;

namespace Aegis.Core.Plans.Review;

/// <summary>What is known of the models that a run would call.</summary>
/// <param name="Profile">Null where it is not known, as offline: then the models' list prices stand
/// in.</param>
/// <param name="Rehearsal">The file that the profile names.</param>
public sealed record ModelSight(Profile? Profile, RehearsalFile? Rehearsal, PriceList Prices)
{
    public static ModelSight Unknown { get; } = new(null, null, PriceList.BuiltIn);

    /// <summary>The price of the model that a call names; null where nobody states it.</summary>
    public SeenPrice? PriceOf(string? provider, string? model)
    {
        if (Profile is not null)
        {
            var choice = ModelChoice.Of(Profile, provider, model, Prices);
            var listed = choice.Address is { } at ? Prices.At(at, choice.Model) : null;
            return choice.Price is { } price
                ? new SeenPrice(price, listed?.OutputTokensMax, null)
                : null;
        }
        return model is not null && Prices.Listed(provider, model) is { } found
            ? new SeenPrice(found.Price.Tokens, found.Price.OutputTokensMax, found.IsOwn
                ? $"{model} at the list price of {found.Seller}"
                : $"{model} at the list price of {found.Seller}; "
                    + $"{provider}'s own is not known without its profile")
            : null;
    }
}

/// <param name="Note">What the price rests on, where that is not the profile itself.</param>
public sealed record SeenPrice(TokenPrice Tokens, int? OutputTokensMax, string? Note);
