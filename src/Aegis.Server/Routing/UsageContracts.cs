using Aegis.Ledger.Reads;

namespace Aegis.Server.Routing;

/// <summary>What calls to models used and cost.</summary>
/// <param name="Name">The run, <c>RUN.STEP</c>, agent, <c>provider/model</c>, provider, day or actor; empty
/// for calls of nobody in particular.</param>
/// <param name="Tries">Those that did not bring the answer: retries and fallbacks.</param>
/// <param name="CachedAnswers">Calls that were answered from the cache of answers.</param>
/// <param name="AnswerHitRate">Their share of the answered calls; left out where none was answered.</param>
/// <param name="InputTokens">With what came from a provider's cache, and what was written to it.</param>
/// <param name="PromptHitRate">The share of the input that came from providers' caches; left out where there
/// was no input.</param>
/// <param name="CostUsd">Exactly.</param>
/// <param name="SavedUsd">What caches made the calls cheaper by.</param>
/// <param name="MeanMs">Until the whole answer was there.</param>
/// <param name="MeanFirstTokenMs">Of streams; left out where there were none.</param>
public sealed record ModelUsageAnswer(string Name, long Calls, long Answered, long Failed, long Aborted,
    long Tries, long CachedAnswers, double? AnswerHitRate, long InputTokens, long OutputTokens,
    long CachedTokens, long CacheWriteTokens, long ReasoningTokens, double? PromptHitRate, decimal CostUsd,
    decimal SavedUsd, double MeanMs, double? MeanFirstTokenMs)
{
    public static ModelUsageAnswer Of(UsageListing u) => new(u.Name, u.Calls, u.Answered, u.Failed,
        u.Aborted, u.Tries, u.CachedAnswers, Share(u.CachedAnswers, u.Answered), u.InputTokens,
        u.OutputTokens, u.CachedTokens, u.CacheWriteTokens, u.ReasoningTokens,
        Share(u.CachedTokens, u.InputTokens), u.CostUsd, u.SavedUsd, Ms(u.TookUs, u.Calls) ?? 0,
        Ms(u.FirstTokenUs, u.FirstTokens));

    private static double? Share(long part, long whole) =>
        whole == 0 ? null : Math.Round((double)part / whole, 4);

    private static double? Ms(long us, long count) =>
        count == 0 ? null : Math.Round(us / 1000.0 / count, 3);
}
