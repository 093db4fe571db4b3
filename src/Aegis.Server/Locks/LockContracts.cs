using Aegis.Core.Plans;
using Aegis.Ledger.Locks;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Locks;

/// <summary>Resources of the project for a holder that is no run: all of them at once, for a time.</summary>
public sealed record LockResourceRequest : DoorRequest
{
    /// <summary>Names as in a step's <c>lock</c>; runs and holders outside share them.</summary>
    [Items(1, WorkflowLimits.LocksMax)]
    public required IReadOnlyList<string> Resources { get; init; }

    /// <summary>Who is shown to those that wait: a terminal, a device, a program. The key's actor where left
    /// out.</summary>
    [Chars(1, OutsideAsk.HolderCharsMax)]
    public string? Holder { get; init; }

    /// <summary>After so many seconds it ends unless it is renewed; 60 where left out.</summary>
    [Numbers(1, OutsideAsk.TtlSecondsMax)]
    public int? TtlSeconds { get; init; }

    /// <summary>How long the answer waits for its turn; 0, not at all, where left out.</summary>
    [Numbers(0, OutsideAsk.WaitSecondsMax)]
    public int? WaitSeconds { get; init; }
}

public sealed record RenewLockRequest : DoorRequest
{
    /// <summary>From now on; as before where left out.</summary>
    [Numbers(1, OutsideAsk.TtlSecondsMax)]
    public int? TtlSeconds { get; init; }
}

/// <summary>The holder has the resources until then.</summary>
/// <param name="Verdict">Always LockGranted.</param>
/// <param name="FencingToken">Grows with every grant of a resource: what it guards refuses a smaller one than
/// it has seen.</param>
public sealed record LockGrantedAnswer([property: OneOf(LockGrantedAnswer.Word)] string Verdict,
    string LockId, IReadOnlyList<string> Resources, string Holder, long FencingToken,
    DateTimeOffset GrantedAt, DateTimeOffset ExpiresAt)
{
    public const string Word = "LockGranted";

    public static LockGrantedAnswer Of(OutsideLock l) =>
        new(Word, l.LockId, l.Names, l.Holder, l.Fence, l.GrantedAt, l.ExpiresAt);
}

/// <summary>Why a lock was denied.</summary>
/// <param name="Verdict">Always LockDenied.</param>
/// <param name="Position">The place in the queue that the request had when it left it; 1 is the next.</param>
public sealed record LockDeniedAnswer([property: OneOf(LockDeniedAnswer.Word)] string Verdict,
    [property: OneOf(LockDeniedAnswer.Reasons)] string Reason, int Position,
    IReadOnlyList<LockHoldingAnswer> HeldBy)
{
    public const string Word = "LockDenied";
    public const string Reasons = "held timed_out left withdrawn";
}

/// <summary>Who holds a resource: a lock of a holder outside, or a step of a run.</summary>
public sealed record LockHoldingAnswer(string Resource, DateTimeOffset Since, string? LockId, string? Holder,
    string? RunId, string? StepId, DateTimeOffset? ExpiresAt);

/// <summary>A lock, or a place in the queue for one; of a holder outside or of a step of a run.</summary>
/// <param name="Position">Of one that waits; 1 is the next.</param>
public sealed record LockAnswer(string? LockId, IReadOnlyList<string> Resources,
    [property: OneOf(LockAnswer.Statuses)] string Status, string? Holder, string? Actor, string? RunId,
    string? StepId, long? FencingToken, int? Position, DateTimeOffset RequestedAt, DateTimeOffset? GrantedAt,
    DateTimeOffset? ExpiresAt)
{
    public const string Statuses = "held waiting";

    public static LockAnswer Of(LockListing l) => new(l.LockId, l.Names,
        l.Fence is null ? "waiting" : "held", l.Holder, l.Actor, l.RunId, l.StepId, l.Fence, l.Position,
        l.RequestedAt, l.GrantedAt, l.ExpiresAt);
}
