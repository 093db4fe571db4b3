using System.Collections.Immutable;
using Aegis.Core.Runs.Locks;

namespace Aegis.Ledger.Locks;

/// <summary>What somebody wants of the locks of a project.</summary>
public abstract record LockWish
{
    private LockWish()
    {
    }

    /// <summary>All the names at once, when it is the owner's turn.</summary>
    public sealed record Ask(LockEntry Entry) : LockWish;

    /// <summary>Everything of a task back, its place in the queue too.</summary>
    public sealed record Release(LockOwner Owner) : LockWish;

    /// <summary>Everything of a run back.</summary>
    public sealed record ReleaseRun(string RunId) : LockWish;

    /// <summary>This node goes on with a run of a dead one. What its events say that it holds, it holds;
    /// tasks that have not ended keep their places; the rest goes back.</summary>
    public sealed record TakeOver(string RunId, ImmutableArray<LockEntry> Held, ImmutableHashSet<int> Alive)
        : LockWish;

    /// <summary>All the names at once for a holder outside, for a time. It is told at once: granted, waits,
    /// or denied where it does not want to wait.</summary>
    public sealed record AskOutside(LockEntry Entry, OutsideAsk Terms) : LockWish;

    /// <summary>A holder outside has what it holds for longer.</summary>
    /// <param name="TtlSeconds">As before where null.</param>
    public sealed record Renew(LockOwner Owner, int? TtlSeconds, string Actor) : LockWish;

    /// <summary>What a holder outside holds back, or its request out of the queue.</summary>
    public sealed record ReleaseOutside(LockOwner Owner, string Actor) : LockWish;

    /// <summary>A holder outside waits no longer. What it was granted meanwhile it keeps, unless it has
    /// left.</summary>
    public sealed record StopWaiting(LockEntry Entry, bool HasLeft) : LockWish;
}

/// <summary>Somebody has what it asked for.</summary>
/// <param name="Fence">Grows with every grant of a name: what an outside resource has seen, an earlier
/// holder cannot undo.</param>
/// <param name="ExpiresAt">Of a holder outside.</param>
public sealed record LockGrant(LockOwner Owner, ImmutableArray<string> Names, long Fence,
    DateTimeOffset GrantedAt = default, DateTimeOffset? ExpiresAt = null);

/// <summary>A task will never have what it asked for.</summary>
public sealed record LockDenial(LockEntry Entry, LockStandstill Standstill);

/// <summary>What a turn came to for those who wait for word on this node.</summary>
public sealed record LockVerdicts(IReadOnlyList<LockGrant> Granted, IReadOnlyList<LockDenial> Denied)
{
    /// <summary>For each wish of a holder outside what it came to, in the order of the wishes; null for
    /// others. Empty where this node decides nothing any more.</summary>
    public IReadOnlyList<OutsideAnswer?> Answers { get; init; } = [];

    /// <summary>When the time of the next holder outside runs out.</summary>
    public TimeSpan? Due { get; init; }

    /// <summary>Whether facts wait to be moved into their stream.</summary>
    public bool HasFacts { get; init; }
}
