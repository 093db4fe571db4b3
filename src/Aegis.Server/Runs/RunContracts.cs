using System.Text.Json;
using Aegis.Ledger.Reads;
using Aegis.Server.Json;

namespace Aegis.Server.Runs;

/// <summary>What a run is started with. <c>workflow</c> and <c>file_name</c> only where no plan is
/// named.</summary>
public sealed record StartRunRequest : DoorRequest
{
    public string? Workflow { get; init; }

    public string? FileName { get; init; }

    public JsonElement? Inputs { get; init; }

    public JsonElement? Context { get; init; }

    public string? Repository { get; init; }

    public string? Ref { get; init; }

    /// <summary>A step that fails for good keeps its workspace and waits for a human.</summary>
    public bool Freeze { get; init; }

    /// <summary>Starts of the project with the same key are one run.</summary>
    public string? DedupeKey { get; init; }
}

/// <summary>Cancel or pause.</summary>
public sealed record SteerRunRequest : DoorRequest
{
    public string? Reason { get; init; }
}

public sealed record ResumeRunRequest : DoorRequest;

public sealed record ResolveTaskRequest : DoorRequest
{
    /// <summary><c>done</c>, <c>retry</c> or <c>fail</c>.</summary>
    public required string Answer { get; init; }
}

public sealed record RunStartedAnswer(string RunId, string PlanId);

public sealed record RunPageAnswer(IReadOnlyList<RunAnswer> Items, string? Next);

public sealed record RunAnswer(string RunId, string PlanId, string Name, string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt)
{
    public static RunAnswer Of(RunListing r) => new(r.RunId, r.PlanId, r.Name, r.Status, r.Reason, r.Actor,
        r.TasksTotal, r.TasksDone, r.CostUsd, r.CreatedAt, r.UpdatedAt, r.EndedAt);
}

public sealed record RunDetailAnswer(string RunId, string PlanId, string Name, string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt, JsonElement? Outputs, IReadOnlyList<TaskAnswer> Tasks)
{
    public static RunDetailAnswer Of(RunListing r, IReadOnlyList<TaskAnswer> tasks) =>
        new(r.RunId, r.PlanId, r.Name, r.Status, r.Reason, r.Actor, r.TasksTotal, r.TasksDone, r.CostUsd,
            r.CreatedAt, r.UpdatedAt, r.EndedAt, StoredJson.Parse(r.OutputsJson), tasks);
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
