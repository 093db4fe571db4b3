namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>What calls to models used and cost, the costliest first.</summary>
    /// <param name="by">run, task, agent, model, provider, day or key.</param>
    /// <param name="from">A day of UTC, itself included.</param>
    /// <param name="to">A day of UTC, itself included.</param>
    /// <param name="run">A run or a session.</param>
    public Task<Listing<ModelUsage>> ListModelUsageAsync(string by = "model", DateOnly? from = null,
        DateOnly? to = null, string? run = null, CancellationToken cancel = default) =>
        ListAsync($"v1/routing/usage?by={Escape(by)}"
            + (from is { } first ? $"&from={first:yyyy-MM-dd}" : "")
            + (to is { } last ? $"&to={last:yyyy-MM-dd}" : "")
            + (run is null ? "" : $"&run={Escape(run)}"), ClientJson.Default.ListingModelUsage, cancel);
}

/// <summary>What calls to models used and cost.</summary>
/// <param name="Name">The run, <c>RUN.STEP</c>, agent, <c>provider/model</c>, provider, day or actor; empty
/// for calls of nobody in particular.</param>
/// <param name="Tries">Those that did not bring the answer.</param>
/// <param name="CachedAnswers">Calls that were answered from the cache of answers.</param>
/// <param name="AnswerHitRate">Their share of the answered calls.</param>
/// <param name="PromptHitRate">The share of the input that came from providers' caches.</param>
/// <param name="CostUsd">Exactly.</param>
/// <param name="SavedUsd">What caches made the calls cheaper by.</param>
public sealed record ModelUsage(string Name, long Calls, long Answered, long Failed, long Aborted,
    long Tries, long CachedAnswers, double? AnswerHitRate, long InputTokens, long OutputTokens,
    long CachedTokens, long CacheWriteTokens, long ReasoningTokens, double? PromptHitRate, decimal CostUsd,
    decimal SavedUsd, double MeanMs, double? MeanFirstTokenMs);
