using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs;

public enum TaskStatus
{
    /// <summary>Waits for what it needs.</summary>
    Waiting,

    /// <summary>Nothing is missing but a slot.</summary>
    Ready,

    /// <summary>An attempt runs.</summary>
    Running,

    /// <summary>The last attempt failed; another comes at NotBefore.</summary>
    RetryWait,

    /// <summary>Whether its act took place cannot be told; a human answers.</summary>
    InDoubt,

    /// <summary>A human must allow it to begin.</summary>
    Approval,

    /// <summary>Its own tasks run: the items of a foreach, the iterations of a repeat, what it
    /// added.</summary>
    Expanded,

    /// <summary>It failed, and its workspace is kept for a human to look at and answer.</summary>
    Frozen,

    /// <summary>A run of its own does its work.</summary>
    Child,

    Succeeded,
    Failed,
    Skipped,
    Cancelled,
}

/// <summary>Where one task of a run stands.</summary>
/// <param name="Open">How many of its needs have not ended.</param>
/// <param name="Attempt">The number of the newest attempt, from 1; 0 before the first. Recoveries
/// count.</param>
/// <param name="Tries">Attempts that count against retry.max; a recovery after a crash does not.</param>
/// <param name="Called">The newest attempt's ToolCalled is committed.</param>
/// <param name="AboveFailed">A needed task, or one above it, concluded in failure.</param>
/// <param name="Layer">Id of the sealed workspace layer, if the task left one.</param>
/// <param name="Approved">A human allowed it to begin.</param>
/// <param name="Locks">Resources that it holds, or held when it ended.</param>
/// <param name="OpenMembers">Of a group: how many of its tasks have not ended.</param>
/// <param name="MemberFailed">Of a group: a task of it failed.</param>
/// <param name="Approval">What it asked a human, the newest where it asked more than once.</param>
/// <param name="Overdue">It took longer than its sla, and that was recorded.</param>
/// <param name="Child">The run that it stands on, or stood on when it ended.</param>
/// <param name="FileHashes">What its calls of hashFiles() came to.</param>
/// <param name="Reused">Where its result comes from, if not from this run.</param>
public sealed record TaskState(
    TaskStatus Status,
    int Open,
    int Attempt = 0,
    int Tries = 0,
    bool Called = false,
    bool AboveFailed = false,
    bool Ok = false,
    string? Output = null,
    JsonElement? Outputs = null,
    int? ExitCode = null,
    AegisError? Error = null,
    string? Layer = null,
    LogRef? Log = null,
    DateTimeOffset? NotBefore = null,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? EndedAt = null,
    DateTimeOffset? ChangedAt = null,
    bool Approved = false,
    ImmutableArray<string>? Locks = null,
    int OpenMembers = 0,
    bool MemberFailed = false,
    bool Overdue = false,
    TaskApproval? Approval = null,
    ChildRun? Child = null,
    ReusedFrom? Reused = null,
    ImmutableArray<FileHashFact>? FileHashes = null)
{
    /// <summary>Of a turn under way: what the model said, which is not asked again.</summary>
    public ModelReplied? Replied { get; init; }

    public bool Ended => Status >= TaskStatus.Succeeded;

    /// <summary>What really happened: success, failure, skipped, cancelled; null before the end.</summary>
    public string? Outcome => Status switch
    {
        TaskStatus.Succeeded => "success",
        TaskStatus.Failed => "failure",
        TaskStatus.Skipped => "skipped",
        TaskStatus.Cancelled => "cancelled",
        _ => null,
    };
}

/// <summary>A call's whole log in Blobs.</summary>
public sealed record LogRef(string Hash, long Bytes, int RedactionVersion);
