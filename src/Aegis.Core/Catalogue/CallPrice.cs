using Aegis.Core.Budgets;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Catalogue;

/// <summary>What a call cost, exactly, and what caches took off it: US dollars.</summary>
/// <param name="SavedUsd">Against the same call without any cache. A call that fills a provider's cache at a
/// price above that of input saved less than nothing; over a conversation the sum is right.</param>
public readonly record struct CallPrice(decimal CostUsd, decimal SavedUsd)
{
    /// <summary>What is kept for an hour is written at twice the price of input: the dearest that a provider
    /// states (Anthropic, prompt caching).</summary>
    public const decimal HourWriteFactor = 2;

    private const decimal Million = 1_000_000m;

    /// <summary>An answer that was kept is given again: nothing is paid, and this is what it would have
    /// been.</summary>
    public CallPrice GivenAgain() => new(0, CostUsd);

    public static CallPrice operator +(CallPrice left, CallPrice right) => left.Plus(right);

    public CallPrice Plus(CallPrice other) => new(CostUsd + other.CostUsd, SavedUsd + other.SavedUsd);

    /// <summary>The price of a call by what its provider counted. A part without a price of its own costs
    /// what input costs.</summary>
    /// <param name="writtenForAnHour">Of <see cref="ModelTokens.CacheWrite"/>.</param>
    /// <returns>Null where nobody states what a token costs.</returns>
    public static CallPrice? Of(ModelPrice? price, ModelTokens used, long writtenForAnHour = 0)
    {
        if (price?.Tokens is null)
        {
            return null;
        }
        // providers that leave out of the input what they had in their cache
        var input = Math.Max(used.Input, used.CachedInput + used.CacheWrite);
        var rates = CallRates.For(price, input);
        var hour = Math.Min(writtenForAnHour, used.CacheWrite);
        var plain = ((input * rates.Input) + (used.Output * rates.Output)) / Million;
        var saved = ((used.CachedInput * (rates.Input - rates.CachedInput))
            - ((used.CacheWrite - hour) * (rates.CacheWrite - rates.Input))
            - (hour * (rates.HourWrite - rates.Input))) / Million;
        return new(plain - saved, saved);
    }

    /// <summary>What it costs that a provider keeps tokens for a while; null where nobody states
    /// it.</summary>
    public static decimal? Kept(ModelPrice? price, long tokens, TimeSpan time) =>
        price?.CacheHourUsd is { } hour
            ? Money.Up(tokens * hour * time.Ticks / TimeSpan.TicksPerHour / Million) : null;
}

/// <summary>What a million tokens of one call cost, each kind of them.</summary>
internal readonly record struct CallRates(decimal Input, decimal CachedInput, decimal CacheWrite,
    decimal Output)
{
    public decimal HourWrite => Math.Max(CacheWrite, Input * CallPrice.HourWriteFactor);

    /// <param name="price">With a price for tokens.</param>
    public static CallRates For(ModelPrice price, long inputTokens)
    {
        var rates = price.Tokens!;
        var tokens = rates.For(inputTokens);
        var isLong = rates.Long is { } other && inputTokens > other.AboveInputTokens;
        return new(tokens.InputUsd,
            (isLong ? rates.Long!.CachedInputUsd : price.CachedInputUsd) ?? tokens.InputUsd,
            price.CacheWriteUsd is not { } write ? tokens.InputUsd
                : isLong ? Scaled(write, tokens.InputUsd, rates.Tokens.InputUsd) : write,
            tokens.OutputUsd);
    }

    // where a long prompt has another price, what is written keeps its ratio to what is read
    private static decimal Scaled(decimal write, decimal input, decimal usual) =>
        usual == 0 ? Math.Max(write, input) : Money.Up(write * input / usual);
}
