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
}

public sealed record CancelRunRequest : DoorRequest
{
    public string? Reason { get; init; }
}

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
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt, IReadOnlyList<TaskAnswer> Tasks)
{
    public static RunDetailAnswer Of(RunListing r, IReadOnlyList<TaskAnswer> tasks) =>
        new(r.RunId, r.PlanId, r.Name, r.Status, r.Reason, r.Actor, r.TasksTotal, r.TasksDone, r.CostUsd,
            r.CreatedAt, r.UpdatedAt, r.EndedAt, tasks);
}

public sealed record TaskAnswer(string TaskId, string StepId, string Tool, string Status, int Attempt,
    string? Outcome, string? Conclusion, int? ExitCode, JsonElement? Error, long? LogBytes,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, IReadOnlyList<string> Needs)
{
    public static TaskAnswer Of(TaskListing t, IReadOnlyList<string> needs) => new(t.TaskId, t.StepId, t.Tool,
        t.Status, t.Attempt, t.Outcome, t.Conclusion, t.ExitCode, Parse(t.ErrorJson), t.LogBytes, t.StartedAt,
        t.EndedAt, needs);

    private static JsonElement? Parse(string? json)
    {
        if (json is null)
        {
            return null;
        }
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
