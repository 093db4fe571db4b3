namespace Aegis.Client;

public partial class AegisClient
{
    // a server's bound of models, each as long as it may take, a few at once
    private static readonly TimeSpan TestsTimeMax = TimeSpan.FromMinutes(7);

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

    /// <summary>What the router would do with a call now; nothing is called and nothing counted.</summary>
    public Task<RouteOutlook> ExplainRouteAsync(ExplainRoute call, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/routing/explain", Body(call, ClientJson.Default.ExplainRoute),
            ClientJson.Default.RouteOutlook, cancel);

    /// <summary>Asks models for a short answer. Each is a call of this key, recorded and paid for.</summary>
    public Task<ModelTests> TestModelsAsync(TestModels which, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/routing/tests", Body(which, ClientJson.Default.TestModels),
            ClientJson.Default.ModelTests, cancel, TestsTimeMax);
}

/// <summary>A call to a model that is not made.</summary>
/// <param name="Model">An alias of the profile, a model, <c>provider/model</c>, or <c>auto</c>.</param>
/// <param name="PromptTokens">About so many.</param>
/// <param name="Seed">Of a choice by score, as the ledger has it of a call.</param>
public sealed record ExplainRoute(string Model, string? Provider = null, string? TaskType = null,
    int? PromptTokens = null, int? MaxTokens = null, bool Tools = false, bool JsonSchema = false,
    int? Images = null, string? Seed = null);

/// <summary>What the router would do with a call now.</summary>
/// <param name="Mode">ordered or scored.</param>
/// <param name="Seed">With it the choice can be made again; null where nothing is drawn.</param>
/// <param name="Replaced">The named model that the first one stands in for.</param>
/// <param name="BudgetLeftUsd">Null where no limit is in dollars.</param>
/// <param name="Chain">Who is asked, in order.</param>
/// <param name="LeftOut">Candidates beyond those that are shown.</param>
/// <param name="Error">What the call ends with, where nobody can take it.</param>
public sealed record RouteOutlook(string Model, string TaskType, string Mode, string? Seed,
    DateTimeOffset At, string? Replaced, decimal? BudgetLeftUsd, IReadOnlyList<RouteStop> Chain,
    IReadOnlyList<RouteCandidate> Candidates, int LeftOut, CallError? Error);

/// <param name="PassedOver">Why it is not asked now.</param>
public sealed record RouteStop(string Provider, string Model, CallError? PassedOver);

/// <summary>A model that may answer, and what is known of it.</summary>
/// <param name="Rank">Null where it cannot take the call.</param>
/// <param name="Score">Null where models are asked in their order.</param>
/// <param name="Filtered">Why it cannot take the call; <paramref name="Reason"/> says it in words.</param>
public sealed record RouteCandidate(string Provider, string Model, int? Rank, double? Score,
    double? Quality, double? QualityMean, double? QualityDeviation, double? Evidence, double? Latency,
    double? ExpectedMs, double? Cost, double? ExpectedUsd, double? Availability, string? Filtered,
    string? Reason);

/// <param name="Models">Null for every alias of the profile.</param>
/// <param name="All">Every model of the profile's providers in their place.</param>
public sealed record TestModels(IReadOnlyList<string>? Models = null, bool All = false);

/// <param name="LeftOut">Models beyond the server's bound, which were not asked.</param>
public sealed record ModelTests(IReadOnlyList<ModelTest> Items, int Failed, int LeftOut);

/// <summary>How a model answered.</summary>
/// <param name="Kind">chat, embedding or transcription.</param>
/// <param name="Status">ok or failed.</param>
/// <param name="Answered">The <c>provider/model</c> that answered, or was asked last.</param>
/// <param name="FirstTokenMs">Null of an answer in one piece.</param>
public sealed record ModelTest(string Model, string Kind, string Status, string? Answered, string? Origin,
    int Tries, double? FirstTokenMs, double? TookMs, long InputTokens, long OutputTokens, decimal CostUsd,
    string? CallId, CallError? Error);

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
