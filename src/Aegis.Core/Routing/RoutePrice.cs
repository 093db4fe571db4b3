using Aegis.Core.Catalogue;

namespace Aegis.Core.Routing;

/// <summary>US dollars for a million tokens.</summary>
/// <param name="CachedInputUsd">For input that the provider had in its cache; null where it names
/// none.</param>
/// <param name="CacheWriteUsd">For input that the provider puts there, the dearest way to do so; null where
/// it costs what input costs.</param>
public sealed record RoutePrice(decimal InputUsd, decimal OutputUsd, decimal? CachedInputUsd = null,
    decimal? CacheWriteUsd = null)
{
    private const decimal Million = 1_000_000m;

    // scores need no exact money, and decimals are slow
    private readonly double _input = (double)InputUsd / 1e6;
    private readonly double _output = (double)OutputUsd / 1e6;
    private readonly double _dearestInput =
        (double)DearestOf(InputUsd, CachedInputUsd, CacheWriteUsd) / 1e6;

    /// <summary>The price of a call with a longer prompt; null where one price holds for all.</summary>
    public LongRoutePrice? Long { get; init; }

    private decimal DearestInput => DearestOf(InputUsd, CachedInputUsd, CacheWriteUsd);

    /// <summary>What the catalogue states of a model; null where it states no price of tokens.</summary>
    /// <param name="cache">What marks put into a provider's cache may be kept for an hour, which costs
    /// more.</param>
    public static RoutePrice? Of(ModelPrice? price, PromptCache cache)
    {
        if (price?.Tokens is not { } rates)
        {
            return null;
        }
        return Of(CallRates.For(price, 0), cache) with
        {
            Long = rates.Long is not { } other ? null : new LongRoutePrice(other.AboveInputTokens,
                Of(CallRates.For(price, other.AboveInputTokens + 1), cache)),
        };
    }

    /// <summary>The dearest that a call can become, whatever the provider's cache holds and however many
    /// tokens the prompt has within its bound.</summary>
    public decimal WorstCase(long promptTokensBound, long outputTokensMax) =>
        Long is { } other && promptTokensBound > other.AboveInputTokens
            ? Math.Max(Dearest(other.AboveInputTokens, outputTokensMax),
                other.Price.Dearest(promptTokensBound, outputTokensMax))
            : Dearest(promptTokensBound, outputTokensMax);

    /// <summary>Whether even the worst case costs no more than is left. Near the limit it is reckoned
    /// exactly; decimals are too slow to do so for each of many candidates.</summary>
    public bool Fits(long promptTokensBound, long outputTokensMax, decimal left)
    {
        var about = About(promptTokensBound, outputTokensMax);
        if (Long is { } other && promptTokensBound > other.AboveInputTokens)
        {
            about = Math.Max(about, other.Price.About(promptTokensBound, outputTokensMax));
        }
        return about < (double)left * (1 - 1e-9) || WorstCase(promptTokensBound, outputTokensMax) <= left;
    }

    /// <summary>About what a call costs, for comparing models.</summary>
    public double Expected(double inputTokens, double outputTokens) =>
        Long is { } other && inputTokens > other.AboveInputTokens
            ? other.Price.Expected(inputTokens, outputTokens)
            : (inputTokens * _input) + (outputTokens * _output);

    private static RoutePrice Of(CallRates rates, PromptCache cache) => new(rates.Input, rates.Output,
        rates.CachedInput,
        cache == PromptCache.AnthropicCacheControl ? rates.HourWrite : rates.CacheWrite);

    private static decimal DearestOf(decimal input, decimal? cached, decimal? written) =>
        Math.Max(Math.Max(input, cached ?? 0), written ?? 0);

    private decimal Dearest(long inputTokens, long outputTokens) =>
        ((inputTokens * DearestInput) + (outputTokens * OutputUsd)) / Million;

    private double About(long inputTokens, long outputTokens) =>
        (inputTokens * _dearestInput) + (outputTokens * _output);
}

/// <param name="Price">Of the whole call.</param>
public sealed record LongRoutePrice(long AboveInputTokens, RoutePrice Price);
