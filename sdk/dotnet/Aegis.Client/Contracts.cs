using System.Text.Json;

namespace Aegis.Client;

/// <summary>A validated workflow, stored under its content hash.</summary>
public sealed record PlanSummary(string PlanId, string Name, string WorkflowHash,
    IReadOnlyList<PlanTaskSummary> Tasks, DagSummary DagSummary, string? RunId = null,
    string? Repository = null);

public sealed record PlanTaskSummary(string StepId, string Tool, IReadOnlyList<string> Needs);

public sealed record DagSummary(int Tasks, int Edges);

public sealed record PlanDetail(
    string PlanId, string Name, string WorkflowHash, int Tasks, string? NewestRunId,
    DateTimeOffset CreatedAt);

/// <summary>The newest run of a plan, and the others.</summary>
public sealed record PlanStatus(string PlanId, string Name, string Status, RunDetail? Run,
    IReadOnlyList<RunSummary> Runs);

public sealed record RunStarted(string RunId, string PlanId);

public sealed record RunSummary(string RunId, string PlanId, string Name, string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt);

public sealed record RunDetail(string RunId, string PlanId, string Name, string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt, IReadOnlyList<TaskDetail> Tasks)
{
    /// <summary>What the workflow's outputs came to, once it succeeded.</summary>
    public JsonElement? Outputs { get; init; }

    /// <summary>The step of another run that stands on this one.</summary>
    public RunParent? Parent { get; init; }

    /// <summary>The run whose results this one took over.</summary>
    public string? RetryOf { get; init; }

    /// <summary>Runs that steps of this one stand on: the newest.</summary>
    public IReadOnlyList<RunChild>? Children { get; init; }
}

public sealed record RunParent(string RunId, string StepId);

public sealed record RunChild(string RunId, string StepId, string Name, string Status);

/// <summary>What a run is retried with.</summary>
public sealed record RetryRun
{
    /// <summary>Steps to run again, with all that stands on them; null for every one that failed.</summary>
    public IReadOnlyList<string>? From { get; init; }

    /// <summary>Edits of the inputs, by name.</summary>
    public JsonElement? Inputs { get; init; }

    public JsonElement? Context { get; init; }

    /// <summary>Other inputs of steps: <c>{step: {member: value}}</c>.</summary>
    public JsonElement? With { get; init; }

    public string? Reason { get; init; }
}

public sealed record RunRetried(string RunId, string RetryOf);

public sealed record TaskDetail(string TaskId, string StepId, string Tool, string Status, int Attempt,
    string? Outcome, string? Conclusion, int? ExitCode, JsonElement? Error, long? LogBytes,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, IReadOnlyList<string> Needs);

public sealed record RunPage(IReadOnlyList<RunSummary> Items, string? Next);

/// <summary>A fact of a run as the ledger keeps it. Payload is null once it was erased.</summary>
public sealed record RunEvent(int Version, string Type, DateTimeOffset At, JsonElement? Payload);

public sealed record EventPage(IReadOnlyList<RunEvent> Items, int Next, bool Ended);

/// <summary>What a run starts from: a workflow's text, or the id of a plan made before.</summary>
public sealed record StartRun
{
    public string? Workflow { get; init; }
    public string? FileName { get; init; }
    public JsonElement? Inputs { get; init; }
    public JsonElement? Context { get; init; }
    public string? Repository { get; init; }
    public string? Ref { get; init; }

    /// <summary>A step that fails for good keeps its workspace and waits for a human.</summary>
    public bool? Freeze { get; init; }

    /// <summary>Starts of the project with the same key are one run.</summary>
    public string? DedupeKey { get; init; }
}

public sealed record CreatePlan
{
    public string? Workflow { get; init; }
    public string? FileName { get; init; }
    public string? Objective { get; init; }

    /// <summary>With an objective: the repository that is worked on; a new one where left out.</summary>
    public string? Repository { get; init; }

    public JsonElement? Inputs { get; init; }
    public string? TenantId { get; init; }
    public string? ProjectId { get; init; }
}

public sealed record SteerRun(string? Reason);

/// <summary>What a step asks, or asked, a human.</summary>
/// <param name="Status">pending, granted, denied or withdrawn.</param>
/// <param name="Queue">In whose queue it waits; null for whoever started the run.</param>
public sealed record Approval(string ApprovalId, string RunId, string StepId, string? Message, string Status,
    DateTimeOffset RequestedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? AnsweredAt, string? AnsweredBy,
    string? Reason, string? Queue = null);

public sealed record ApprovalPage(IReadOnlyList<Approval> Items, string? Next);

/// <summary>A request in a queue of the tenant, and the project that asks.</summary>
public sealed record QueuedApproval(string ProjectId, Approval Approval);

public sealed record QueuePage(IReadOnlyList<QueuedApproval> Items, string? Next);

public sealed record AffectedTask(string TaskId, string StepId, string Tool, string Status, int Attempt,
    string? Outcome, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt);

/// <summary>Tasks that stand on one.</summary>
/// <param name="More">There are more than 1,000; these are the first in plan order.</param>
public sealed record AffectedTasks(string TaskId, IReadOnlyList<AffectedTask> Items, bool More);

public sealed record ResolveTask(string Answer);

public sealed record Profile(int Version, string Yaml, IReadOnlyDictionary<string, string> Files,
    string? CreatedBy = null, DateTimeOffset? CreatedAt = null);

/// <param name="Reason">Why the Auditor's rules change, where they do.</param>
public sealed record SetProfile(
    string Yaml, IReadOnlyDictionary<string, string> Files, string? Reason = null);

public sealed record NamedId(string Id);

public sealed record Tenant(string Id, DateTimeOffset CreatedAt, string? Tier = null);

public sealed record Project(string Id, DateTimeOffset CreatedAt);

/// <summary>A new tenant with its project <c>default</c> and its administrator's key, shown once.</summary>
public sealed record CreatedTenant(string Tenant, string Project, string KeyId, string Key);

public sealed record CreateKey(string Name, IReadOnlyList<string> Scopes, string? Project);

/// <summary>A new key; <see cref="Key"/> is shown once and kept only as a hash.</summary>
public sealed record CreatedKey(string KeyId, string Key, string Name, string? Project,
    IReadOnlyList<string> Scopes);

public sealed record KeySummary(string KeyId, string Name, string? Project, IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt, string? Tier = null);

public sealed record Repository(string Name, string? DefaultBranch, string CloneUrl);

/// <param name="Next">Where the items that were left out begin; null where these are all.</param>
public sealed record Listing<T>(IReadOnlyList<T> Items, string? Next = null);

/// <summary>What a verification found.</summary>
/// <param name="Findings">What does not hold, one line each; <see cref="More"/> counts those left
/// out.</param>
public sealed record AuditVerdict(bool Ok, long Streams, long Events, long Erased, int Checkpoints,
    string? KeyFingerprint, IReadOnlyList<string> Findings, long More);

public sealed record ServerVersion(string Version, string Product);

/// <summary>A piece of a task's log; Text is UTF-8 from byte Offset of the log on.</summary>
public sealed record LogChunk(long Offset, string Text);
