using Aegis.Core.Budgets;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Models.Caching;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Calls;

/// <summary>How many tokens a call can use and has used, and what they cost.</summary>
internal static class CallTokens
{
    /// <summary>No fewer than any provider counts for one image.</summary>
    public const int OfAnImage = 16_384;

    // a form of sound is bounded by the slowest codec that is in use
    private const int SoundBytesPerSecond = 500;

    /// <summary>Never fewer than the provider counts as input.</summary>
    public static long InputBound(ModelCall call) => call.Outline is { } outline
        ? outline.PromptBytes + ((long)outline.Images * OfAnImage) : 0;

    /// <summary>The longest answer that is asked for: what the call says, or the profile's usual; never more
    /// than the model gives.</summary>
    public static int? OutputMax(ModelCall call, ModelRoute route, int usual) =>
        call.Kind != AnswerKind.Chat ? null
            : Math.Min(call.Outline!.MaxTokens ?? usual, call.Outline.MaxTokens is null
                ? route.Facts?.OutputTokensMax ?? int.MaxValue : int.MaxValue);

    /// <summary>The longest answer that what is left pays for.</summary>
    /// <exception cref="AegisException">AEGIS2340: nobody states the price; AEGIS2341: not even a token is
    /// paid for.</exception>
    public static int? Affordable(ModelCall call, ModelRoute route, int? output, decimal left)
    {
        var rates = route.Rates ?? (call.Form is null || route.Facts?.Price?.AudioHourUsd is null
            ? throw ModelErrors.NoPrice(route.Provider, route.Model) : null);
        if (rates is null || output is not { } most)
        {
            return output;
        }
        var input = InputBound(call);
        var dearest = route.Dearest!;
        var answerUsd = Math.Max(rates.Tokens.OutputUsd, rates.For(input).OutputUsd);
        var answers = Math.Max(1, call.Outline!.Choices);
        var rest = left - dearest.WorstCase(input, 0) - ExtraUsd(call, route);
        if (answerUsd == 0)
        {
            return rest >= 0 ? most : throw ModelErrors.OverBudget(
                "the prompt alone could cost more than is left", left - rest, left);
        }
        var affordable = (long)Math.Clamp(
            Math.Floor(rest * 1_000_000m / (answerUsd * answers)), -1, int.MaxValue);
        return affordable >= 1 ? (int)Math.Min(affordable, most) : throw ModelErrors.OverBudget(
            "this call could cost more than is left", dearest.WorstCase(input, answers), left);
    }

    /// <summary>The dearest that a try can become.</summary>
    public static CallCost WorstCase(ModelCall call, ModelRoute route, int? output)
    {
        if (call.Form is { } form)
        {
            return new(SoundUsd(route, form.FileBytes), 0);
        }
        var input = InputBound(call);
        var answer = (long)(output ?? 0) * Math.Max(1, call.Outline!.Choices);
        return new((route.Dearest?.WorstCase(input, answer) ?? 0) + ExtraUsd(call, route), input + answer);
    }

    /// <summary>What a try used: as the provider counts it, or else no less than it can have been.</summary>
    public static TokenUsage Used(ModelCall call, TokenUsage? told, GivenOut? given) =>
        told ?? new TokenUsage(InputBound(call), given is null ? 0 : Bound(given));

    public static CallCost Cost(ModelCall call, ModelRoute route, TokenUsage used) => new(
        call.Form is { } form && route.Rates is null ? SoundUsd(route, form.FileBytes)
            : Price(route, used).CostUsd, used.Input + used.Output);

    /// <summary>What it cost, and what caches saved of it.</summary>
    public static CallPrice Price(ModelRoute route, TokenUsage used) =>
        CallPrice.Of(route.Price, used.ToTokens(), used.CacheWriteHour) ?? default;

    private static decimal ExtraUsd(ModelCall call, ModelRoute route) => call.Kind != AnswerKind.Chat ? 0
        : PromptCaches.WorstExtraUsd(route.Target(null), InputBound(call), route.Price);

    // characters may be of several bytes, and a token is no shorter than a byte
    private static long Bound(GivenOut given) => 4L * given.AllChars;

    private static decimal SoundUsd(ModelRoute route, long bytes) =>
        route.Facts?.Price?.AudioHourUsd is { } hour
            ? hour * Math.Ceiling((decimal)bytes / SoundBytesPerSecond) / 3_600m : 0;
}
