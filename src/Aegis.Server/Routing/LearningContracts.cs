using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Routing.Replacements;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Routing;
using Aegis.Models.Learning;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Routing;

/// <summary>A verdict on what a call got from models.</summary>
public sealed record JudgeCallRequest : DoorRequest
{
    public const string Kinds =
        VerdictWords.Auditor + " " + VerdictWords.UserApproval + " " + VerdictWords.TestsPassed;

    /// <summary>As events and answers name it: the run's or session's id, the step's, and a number.</summary>
    [Chars(1, DoorLimits.CursorIdCharsMax)]
    public required string CallId { get; init; }

    /// <summary>Who judged: an auditor, the user, or tests.</summary>
    [OneOf(Kinds)]
    public required string Kind { get; init; }

    /// <summary>From 0, worthless, to 1.</summary>
    [Share]
    public required double Value { get; init; }
}

/// <summary>The models that were judged.</summary>
public sealed record JudgedCallAnswer(string CallId, IReadOnlyList<JudgedModelAnswer> Models);

public sealed record JudgedModelAnswer(string TaskType, string Provider, string Model)
{
    public static JudgedModelAnswer Of(JudgedModel m) => new(m.TaskType, m.Provider, m.Model);
}

/// <summary>What is known of a model for a task type.</summary>
/// <param name="TaskType">Left out of a model of which only its service is known.</param>
/// <param name="Quality">What is expected of its next answer, from 0 to 1; begun from what all tenants
/// know.</param>
/// <param name="Deviation">How unsure that is.</param>
/// <param name="Evidence">The weight of the verdicts behind it, faded; a model without any has 0.</param>
/// <param name="Ms">Of a call.</param>
/// <param name="Availability">The share of calls that are answered.</param>
/// <param name="Breaker">Open: it is left alone until <paramref name="BreakerUntil"/>.</param>
/// <param name="BreakerCause">Why it opened last; left out while it never has.</param>
/// <param name="AnsweredBy">The model that stands in for it where it is named; left out where none
/// does.</param>
public sealed record LearnedModelAnswer(string? TaskType, string Provider, string Model, double? Quality,
    double? Deviation, double? Evidence, double Ms, double Availability,
    [property: OneOf("closed open half_open")] string Breaker, DateTimeOffset? BreakerUntil,
    [property: OneOf("failures_in_row failure_rate probe_failed asked gone")] string? BreakerCause,
    string? AnsweredBy)
{
    // of an ordinary answer
    private const int OutputTokens = 500;

    public static LearnedModelAnswer Of(ModelMemory memory, Core.Tenancy of, string? taskType, ModelKey model,
        DateTimeOffset now)
    {
        var view = memory.Learning.View(of.Tenant, taskType ?? "", now);
        var (quality, service) = (view.Quality(model), view.Service(model, null, OutputTokens));
        var breaker = memory.Breaker(of.Tenant, model);
        var standIn = memory.Follow(model, taskType ?? "", of);
        return new(taskType, model.Provider, model.Model, taskType is null ? null : Short(quality.Mean),
            taskType is null ? null : Short(quality.Deviation),
            taskType is null ? null : Short(quality.Evidence), Math.Round(service.Ms, 1),
            Short(service.Availability), Word(breaker.Phase),
            breaker.Phase == BreakerPhase.Open ? breaker.Until : null,
            breaker.Cause == default ? null : Word(breaker.Cause),
            standIn == model ? null : standIn.ToString());
    }

    private static double Short(double number) => Math.Round(number, 4);

    private static string Word<T>(T word)
        where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());
}

/// <summary>A decision that another model answers where one is named.</summary>
/// <param name="From"><c>provider/model</c>.</param>
/// <param name="TaskType">Left out where it is for all of them.</param>
/// <param name="Before">Quality or availability until lately; of a model that is gone, its quality.</param>
/// <param name="Now">The same in short memory.</param>
/// <param name="Evidence">The weight of the verdicts or calls behind it.</param>
/// <param name="PeerCostRatio">The stand-in's price by the old one's.</param>
/// <param name="UndoneBy">An actor, or <c>engine</c> where a newer decision ended it.</param>
public sealed record ReplacementAnswer(string ReplacementId, string From, string To,
    [property: OneOf("gone quality_fell availability_fell")] string Why, string? TaskType, double Before,
    double Now, double Evidence, double PeerQuality, double? PeerCostRatio, DateTimeOffset DecidedAt,
    DateTimeOffset? UndoneAt, string? UndoneBy)
{
    public static ReplacementAnswer Of(ReplacementListing r)
    {
        var (decision, evidence) = (r.Decision, r.Decision.Evidence);
        return new(r.ReplacementId, decision.From.ToString(), decision.To.ToString(),
            ReplacementTable.Word(decision.Why), decision.TaskType, evidence.Before, evidence.Now,
            evidence.Weight, evidence.PeerQuality, evidence.PeerCostRatio, decision.At, r.UndoneAt,
            r.UndoneBy);
    }
}
