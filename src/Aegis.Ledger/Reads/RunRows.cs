namespace Aegis.Ledger.Reads;

/// <summary>A run as lists show it.</summary>
public sealed record RunListing(string RunId, string PlanId, string Name, string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndedAt)
{
    /// <summary>What the workflow's outputs came to, as JSON; read of a single run only.</summary>
    public string? OutputsJson { get; init; }

    /// <summary>The run of which a step stands on this one.</summary>
    public string? ParentRun { get; init; }

    public string? ParentStep { get; init; }

    /// <summary>The run whose results this one took over.</summary>
    public string? RetryOf { get; init; }
}

/// <summary>What a step asked a human.</summary>
/// <param name="Status">pending, granted, denied or withdrawn.</param>
/// <param name="Queue">Who is asked; null for whoever started the run.</param>
public sealed record ApprovalListing(string ApprovalId, string RunId, string StepId, string? Message,
    string Status, DateTimeOffset RequestedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? AnsweredAt,
    string? AnsweredBy, string? Reason, string? Queue);

/// <summary>A request in a queue, which is its tenant's.</summary>
public sealed record QueuedApproval(string Project, ApprovalListing Approval);

/// <summary>A task of a run, in plan order.</summary>
/// <param name="ErrorJson">An AegisError as JSON, or null.</param>
public sealed record TaskListing(string TaskId, string StepId, string Tool, string Status, int Attempt,
    string? Outcome, string? Conclusion, int? ExitCode, string? ErrorJson, long? LogBytes,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt);

/// <summary>A need: From must end before To starts.</summary>
public readonly record struct TaskEdge(string FromTask, string ToTask);

public sealed record PlanListing(
    string PlanId, string Name, string WorkflowHash, int Tasks, string? NewestRunId,
    DateTimeOffset CreatedAt);

/// <summary>Where the next page begins: after the thing with this time and id.</summary>
public readonly record struct PageCursor(DateTimeOffset At, string Id);

/// <summary>A stored event of a stream. Payload is null once erased.</summary>
public sealed record EventListing(int Version, string Type, DateTimeOffset At, byte[]? Payload);

/// <summary>Part of a stream.</summary>
/// <param name="Ended">The stream had its last fact when this was read; more may follow on later
/// pages.</param>
/// <param name="More">The page was cut at a limit.</param>
public sealed record EventPage(IReadOnlyList<EventListing> Events, bool Ended, bool More);

/// <summary>Which runs a list shows; what is null asks for nothing.</summary>
/// <param name="Parent">Only runs that steps of this one stand on.</param>
/// <param name="CreatedAfter">Itself included.</param>
/// <param name="CreatedBefore">Itself not.</param>
public sealed record RunFilter(string? Status = null, string? Parent = null, string? Name = null,
    string? Plan = null, string? Actor = null, DateTimeOffset? CreatedAfter = null,
    DateTimeOffset? CreatedBefore = null, string? NamePrefix = null);
