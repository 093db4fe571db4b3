using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Aegis.Core.Plans.Triggers;

/// <summary>One thing that starts a workflow.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ManualTrigger), "manual")]
[JsonDerivedType(typeof(ApiTrigger), "api")]
[JsonDerivedType(typeof(WebhookTrigger), "webhook")]
[JsonDerivedType(typeof(GithubTrigger), "github")]
[JsonDerivedType(typeof(ScheduleTrigger), "schedule")]
[JsonDerivedType(typeof(WorkflowCompletedTrigger), "workflow_completed")]
public abstract record Trigger
{
    /// <summary>As it is written in <c>on</c>.</summary>
    [JsonIgnore]
    public string Name => this switch
    {
        ManualTrigger => "manual",
        ApiTrigger => "api",
        WebhookTrigger => "webhook",
        GithubTrigger { Action: null } g => $"github:{g.Event}",
        GithubTrigger g => $"github:{g.Event}.{g.Action}",
        ScheduleTrigger => "schedule",
        _ => "workflow_completed",
    };

    /// <summary>What its runs get as inputs: an object of values and of text with expressions over
    /// <c>context</c>; null for nothing.</summary>
    public System.Text.Json.JsonElement? Inputs { get; init; }
}

/// <summary>A person, by a plan's own <c>:run</c>.</summary>
public sealed record ManualTrigger : Trigger;

/// <summary>An application, by the registered workflow's <c>:run</c>.</summary>
public sealed record ApiTrigger : Trigger;

/// <summary>A signed call of the workflow's own hook.</summary>
public sealed record WebhookTrigger : Trigger;

/// <summary>A delivery of GitHub.</summary>
/// <param name="Action">Null for every action of the event.</param>
/// <param name="Branches">Globs; empty for every branch. A push's own branch, a pull request's base.</param>
/// <param name="Paths">Globs; empty for every path. Pushes only: a pull request's delivery names no
/// files.</param>
public sealed record GithubTrigger(string Event, string? Action, ImmutableArray<string> Branches,
    ImmutableArray<string> Paths) : Trigger;

/// <summary>A line of cron in a time zone.</summary>
public sealed record ScheduleTrigger(string Cron, string TimeZone, MissedRuns Missed) : Trigger;

/// <summary>The end of a run of another registered workflow.</summary>
public sealed record WorkflowCompletedTrigger(string Workflow, CompletedStatus Status) : Trigger;

/// <summary>What becomes of times that passed while no server ran.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MissedRuns>))]
public enum MissedRuns
{
    Skip,
    Once,
    All,
}

[JsonConverter(typeof(JsonStringEnumConverter<CompletedStatus>))]
public enum CompletedStatus
{
    Any,
    Success,
    Failure,
}
