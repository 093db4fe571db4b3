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

    /// <summary>Judges what a call got from models; the router learns from it.</summary>
    public Task<JudgedCall> JudgeCallAsync(JudgeCall verdict, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/routing/verdicts", Body(verdict, ClientJson.Default.JudgeCall),
            ClientJson.Default.JudgedCall, cancel);

    /// <summary>What is known of the models that the tenant's calls asked, per task type.</summary>
    public Task<Listing<LearnedModel>> ListLearnedModelsAsync(
        string? taskType = null, CancellationToken cancel = default) =>
        ListAsync("v1/routing/models" + (taskType is null ? "" : $"?task_type={Escape(taskType)}"),
            ClientJson.Default.ListingLearnedModel, cancel);

    /// <summary>Decisions that another model stands in, the newest first; undone ones too.</summary>
    public Task<Listing<ModelReplacement>> ListModelReplacementsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/routing/replacements", ClientJson.Default.ListingModelReplacement, cancel);

    /// <summary>The model is asked again, and for a day nothing else is decided.</summary>
    public Task UndoModelReplacementAsync(string replacementId, CancellationToken cancel = default) =>
        DeleteAsync($"v1/routing/replacements/{Escape(replacementId)}", cancel);
}

/// <param name="CallId">As events and answers name it.</param>
/// <param name="Kind">auditor, user_approval or tests_passed.</param>
/// <param name="Value">From 0, worthless, to 1.</param>
public sealed record JudgeCall(string CallId, string Kind, double Value);

public sealed record JudgedCall(string CallId, IReadOnlyList<JudgedModel> Models);

public sealed record JudgedModel(string TaskType, string Provider, string Model);

/// <summary>What is known of a model for a task type.</summary>
/// <param name="TaskType">Null of a model of which only its service is known.</param>
/// <param name="Quality">Expected of its next answer, from 0 to 1.</param>
/// <param name="Deviation">How unsure that is.</param>
/// <param name="Evidence">The weight of the verdicts behind it.</param>
/// <param name="Ms">Of a call.</param>
/// <param name="Breaker">closed, open or half_open.</param>
/// <param name="AnsweredBy">The model that stands in for it.</param>
public sealed record LearnedModel(string? TaskType, string Provider, string Model, double? Quality,
    double? Deviation, double? Evidence, double Ms, double Availability, string Breaker,
    DateTimeOffset? BreakerUntil, string? BreakerCause, string? AnsweredBy);

/// <summary>A decision that another model answers where one is named.</summary>
/// <param name="Why">gone, quality_fell or availability_fell.</param>
/// <param name="TaskType">Null for all of them.</param>
public sealed record ModelReplacement(string ReplacementId, string From, string To, string Why,
    string? TaskType, double Before, double Now, double Evidence, double PeerQuality, double? PeerCostRatio,
    DateTimeOffset DecidedAt, DateTimeOffset? UndoneAt, string? UndoneBy);

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
