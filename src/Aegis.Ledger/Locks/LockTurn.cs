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
}

/// <summary>A task has what it asked for.</summary>
/// <param name="Fence">Grows with every grant of a name: what an outside resource has seen, an earlier
/// holder cannot undo.</param>
public sealed record LockGrant(LockOwner Owner, ImmutableArray<string> Names, long Fence);

/// <summary>A task will never have what it asked for.</summary>
public sealed record LockDenial(LockEntry Entry, LockStandstill Standstill);

/// <summary>What a turn came to for runs of this node.</summary>
public sealed record LockVerdicts(IReadOnlyList<LockGrant> Granted, IReadOnlyList<LockDenial> Denied);
