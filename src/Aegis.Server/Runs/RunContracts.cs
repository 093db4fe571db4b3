using System.Text.Json;
using Aegis.Ledger.Reads;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Runs;

/// <summary>What a run is started with. <c>workflow</c> and <c>file_name</c> only where no plan is
/// named.</summary>
public sealed record StartRunRequest : DoorRequest
{
    public string? Workflow { get; init; }

    [Chars(1, DoorLimits.FileNameCharsMax)]
    public string? FileName { get; init; }

    public JsonElement? Inputs { get; init; }

    public JsonElement? Context { get; init; }

    public string? Repository { get; init; }

    public string? Ref { get; init; }

    /// <summary>A step that fails for good keeps its workspace and waits for a human.</summary>
    public bool Freeze { get; init; }

    /// <summary>Starts of the project with the same key are one run.</summary>
    [Chars(1, DoorLimits.DedupeKeyCharsMax)]
    public string? DedupeKey { get; init; }
}

/// <summary>What a run is retried with; all of it may be left out.</summary>
public sealed record RetryRunRequest : DoorRequest
{
    /// <summary>Steps to run again, with all that stands on them; every one that failed where left
    /// out.</summary>
    [Items(1, DoorLimits.RetryFromMax)]
    public IReadOnlyList<string>? From { get; init; }

    public JsonElement? Inputs { get; init; }

    public JsonElement? Context { get; init; }

    /// <summary>Other inputs of steps: <c>{step: {member: value}}</c>.</summary>
    public JsonElement? With { get; init; }

    [Chars(0, DoorLimits.ReasonCharsMax)]
    public string? Reason { get; init; }
}

/// <summary>Cancel or pause.</summary>
public sealed record SteerRunRequest : DoorRequest
{
    [Chars(0, DoorLimits.ReasonCharsMax)]
    public string? Reason { get; init; }
}

public sealed record ResumeRunRequest : DoorRequest;

public sealed record ResolveTaskRequest : DoorRequest
{
    /// <summary><c>done</c>, <c>retry</c> or <c>fail</c>.</summary>
    [OneOf("done retry fail")]
    public required string Answer { get; init; }
}

public sealed record RunStartedAnswer(string RunId, string PlanId);

public sealed record RunRetriedAnswer(string RunId, string RetryOf);

public sealed record RunAnswer(string RunId, string PlanId, string Name,
    [property: OneOf(RunAnswer.Statuses)] string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt, RunParentAnswer? Parent, string? RetryOf)
{
    public const string Statuses = "queued running paused stopping succeeded failed cancelled";

    public static RunAnswer Of(RunListing r) => new(r.RunId, r.PlanId, r.Name, r.Status, r.Reason, r.Actor,
        r.TasksTotal, r.TasksDone, r.CostUsd, r.CreatedAt, r.UpdatedAt, r.EndedAt, RunParentAnswer.Of(r),
        r.RetryOf);
}

/// <summary>The step of another run that stands on this one.</summary>
public sealed record RunParentAnswer(string RunId, string StepId)
{
    public static RunParentAnswer? Of(RunListing r) =>
        r.ParentRun is null ? null : new(r.ParentRun, r.ParentStep!);
}

/// <summary>A run that a step of this one stands on.</summary>
public sealed record RunChildAnswer(string RunId, string StepId, string Name, string Status)
{
    public static RunChildAnswer Of(RunListing r) => new(r.RunId, r.ParentStep!, r.Name, r.Status);
}

public sealed record RunDetailAnswer(string RunId, string PlanId, string Name,
    [property: OneOf(RunAnswer.Statuses)] string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt, JsonElement? Outputs, RunParentAnswer? Parent,
    string? RetryOf, IReadOnlyList<RunChildAnswer> Children, IReadOnlyList<TaskAnswer> Tasks)
{
    public static RunDetailAnswer Of(
        RunListing r, IReadOnlyList<RunListing> children, IReadOnlyList<TaskAnswer> tasks) =>
        new(r.RunId, r.PlanId, r.Name, r.Status, r.Reason, r.Actor, r.TasksTotal, r.TasksDone, r.CostUsd,
            r.CreatedAt, r.UpdatedAt, r.EndedAt, StoredJson.Parse(r.OutputsJson),
            RunParentAnswer.Of(r), r.RetryOf, [.. children.Select(RunChildAnswer.Of)], tasks);
}

public sealed record TaskAnswer(string TaskId, string StepId, string Tool, string Status, int Attempt,
    string? Outcome, string? Conclusion, int? ExitCode, JsonElement? Error, long? LogBytes,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, IReadOnlyList<string> Needs)
{
    public static TaskAnswer Of(TaskListing t, IReadOnlyList<string> needs) => new(t.TaskId, t.StepId, t.Tool,
        t.Status, t.Attempt, t.Outcome, t.Conclusion, t.ExitCode, StoredJson.Parse(t.ErrorJson), t.LogBytes,
            t.StartedAt,
        t.EndedAt, needs);
}

/// <summary>A task that stands on another one.</summary>
public sealed record AffectedTaskAnswer(string TaskId, string StepId, string Tool, string Status, int Attempt,
    string? Outcome, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt)
{
    public static AffectedTaskAnswer Of(TaskListing t) =>
        new(t.TaskId, t.StepId, t.Tool, t.Status, t.Attempt, t.Outcome, t.StartedAt, t.EndedAt);
}

/// <param name="More">There are more than the limit; these are the first in plan order.</param>
public sealed record AffectedAnswer(string TaskId, IReadOnlyList<AffectedTaskAnswer> Items, bool More);

/// <param name="Next">The version to ask after for the next page.</param>
/// <param name="Ended">No event follows this page's.</param>
public sealed record EventPageAnswer(IReadOnlyList<EventAnswer> Items, int Next, bool Ended);

/// <param name="Payload">As the ledger hashed it; null once erased.</param>
public sealed record EventAnswer(int Version, string Type, DateTimeOffset At, JsonElement Payload);

internal static class StoredJson
{
    public static JsonElement? Parse(string? json)
    {
        if (json is null)
        {
            return null;
        }
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
