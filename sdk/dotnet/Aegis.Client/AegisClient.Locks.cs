namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>All the resources at once, for a time. Throws with the code AEGIS4230, and who holds them in
    /// <see cref="Problem.LockDenied"/>, where they are not to be had in time; who cancels is out of the
    /// queue.</summary>
    public Task<HeldLock> AcquireLockAsync(LockResources request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/locks", Body(request, ClientJson.Default.LockResources),
            ClientJson.Default.HeldLock, cancel, TimeSpan.FromSeconds(request.WaitSeconds ?? 0));

    /// <summary>Holds a lock for longer. Throws with the code AEGIS4231 where it is not held any
    /// more.</summary>
    /// <param name="ttlSeconds">As before where null.</param>
    public Task<HeldLock> RenewLockAsync(
        string id, int? ttlSeconds = null, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/locks/{Escape(id)}:renew",
            Body(new RenewLock(ttlSeconds), ClientJson.Default.RenewLock), ClientJson.Default.HeldLock,
            cancel);

    /// <summary>Gives a lock back.</summary>
    public Task ReleaseLockAsync(string id, CancellationToken cancel = default) =>
        DeleteAsync($"v1/locks/{Escape(id)}", cancel);

    /// <summary>Locks and places in the queue, of runs too, the earliest first.</summary>
    public Task<Listing<ProjectLock>> ListLocksAsync(CancellationToken cancel = default) =>
        ListAsync("v1/locks", ClientJson.Default.ListingProjectLock, cancel);
}

/// <param name="Holder">Who is shown to those that wait; the key's actor where null.</param>
/// <param name="TtlSeconds">After so many seconds it ends unless it is renewed; 60 where null.</param>
/// <param name="WaitSeconds">How long to wait for its turn; not at all where null.</param>
public sealed record LockResources(IReadOnlyList<string> Resources, string? Holder = null,
    int? TtlSeconds = null, int? WaitSeconds = null);

public sealed record RenewLock(int? TtlSeconds);

/// <summary>A lock that is held.</summary>
/// <param name="FencingToken">Grows with every grant of a resource: what it guards refuses a smaller one than
/// it has seen.</param>
public sealed record HeldLock(string LockId, IReadOnlyList<string> Resources, string Holder,
    long FencingToken, DateTimeOffset GrantedAt, DateTimeOffset ExpiresAt);

/// <summary>A lock, or a place in the queue for one; of a holder outside or of a step of a run.</summary>
/// <param name="Status">held or waiting.</param>
public sealed record ProjectLock(string? LockId, IReadOnlyList<string> Resources, string Status,
    string? Holder, string? Actor, string? RunId, string? StepId, long? FencingToken, int? Position,
    DateTimeOffset RequestedAt, DateTimeOffset? GrantedAt, DateTimeOffset? ExpiresAt);

/// <summary>Why a lock was denied.</summary>
/// <param name="Reason">held, timed_out, left or withdrawn.</param>
/// <param name="Position">The place in the queue when the request left it; 1 is the next.</param>
public sealed record LockDenial(string Reason, int Position, IReadOnlyList<LockHolding> HeldBy);

/// <summary>Who holds a resource: a lock of a holder outside, or a step of a run.</summary>
public sealed record LockHolding(string Resource, DateTimeOffset Since, string? LockId, string? Holder,
    string? RunId, string? StepId, DateTimeOffset? ExpiresAt);
