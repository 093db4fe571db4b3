using System.Collections.Immutable;

namespace Aegis.Core.Runs.Events;

// What happens to locks of holders that are no runs, in the project's stream "locks". FactId tells a fact
// that was moved twice after a crash from another like it.

/// <summary>A holder outside has these resources of the project until then, unless it renews.</summary>
/// <param name="Fence">Grows with every grant of a name.</param>
public sealed record LeaseGranted(string FactId, string LockId, string Holder,
    ImmutableArray<string> Resources, long Fence, DateTimeOffset ExpiresAt, string Actor) : RunEvent;

/// <summary>A holder outside did not get what it asked for.</summary>
/// <param name="Reason">held, timed_out, left or withdrawn.</param>
/// <param name="HeldBy">Locks and runs that hold what it asked for.</param>
public sealed record LeaseDenied(string FactId, string LockId, string Holder,
    ImmutableArray<string> Resources, string Reason, ImmutableArray<string> HeldBy, string Actor) : RunEvent;

/// <summary>A holder outside has what it holds for longer.</summary>
public sealed record LeaseRenewed(
    string FactId, string LockId, long Fence, DateTimeOffset ExpiresAt, string Actor) : RunEvent;

/// <summary>A holder outside gave back what it held, or somebody took it away.</summary>
public sealed record LeaseReleased(string FactId, string LockId, ImmutableArray<string> Resources, long Fence,
    string Actor) : RunEvent;

/// <summary>The time of a holder outside ran out; what it held is free.</summary>
public sealed record LeaseExpired(string FactId, string LockId, string Holder,
    ImmutableArray<string> Resources, long Fence) : RunEvent;
