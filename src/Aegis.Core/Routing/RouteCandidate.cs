namespace Aegis.Core.Routing;

/// <summary>A model that a call may go to: made from the catalogue and the profile when either changes, not
/// for each call.</summary>
/// <param name="Price">Null where nobody states it.</param>
public sealed record RouteCandidate(ModelKey Key, ModelAbilities Abilities, RoutePrice? Price);

/// <summary>US dollars for a million tokens.</summary>
/// <param name="CachedInputUsd">For input that the provider had in its cache; null where it names
/// none.</param>
public sealed record RoutePrice(decimal InputUsd, decimal OutputUsd, decimal? CachedInputUsd = null)
{
    private const decimal Million = 1_000_000m;

    // scores need no exact money, and decimals are slow
    private readonly double _input = (double)InputUsd / 1e6;
    private readonly double _output = (double)OutputUsd / 1e6;
    private readonly double _dearestInput = (double)Math.Max(InputUsd, CachedInputUsd ?? 0) / 1e6;

    /// <summary>What a call costs, exactly.</summary>
    public decimal Cost(long inputTokens, long cachedTokens, long outputTokens) =>
        ((inputTokens * InputUsd) + (cachedTokens * (CachedInputUsd ?? InputUsd))
            + (outputTokens * OutputUsd)) / Million;

    /// <summary>The dearest that a call can become, whatever the provider's cache holds.</summary>
    public decimal WorstCase(long promptTokensBound, long outputTokensMax) =>
        ((promptTokensBound * Math.Max(InputUsd, CachedInputUsd ?? 0)) + (outputTokensMax * OutputUsd))
            / Million;

    /// <summary>Whether even the worst case costs no more than is left. Near the limit it is reckoned
    /// exactly; decimals are too slow to do so for each of many candidates.</summary>
    public bool Fits(long promptTokensBound, long outputTokensMax, decimal left)
    {
        var about = (promptTokensBound * _dearestInput) + (outputTokensMax * _output);
        return about < (double)left * (1 - 1e-9) || WorstCase(promptTokensBound, outputTokensMax) <= left;
    }

    /// <summary>About what a call costs, for comparing models.</summary>
    public double Expected(double inputTokens, double outputTokens) =>
        (inputTokens * _input) + (outputTokens * _output);
}
