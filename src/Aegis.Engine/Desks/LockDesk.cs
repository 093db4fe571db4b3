using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Locks;
using Aegis.Engine.Pump;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine;

/// <summary>
/// Locks for holders that are no runs. They stand in the one queue with tasks of runs; what they hold, they
/// hold until the database's clock says that their time is over. Who waits is told by the turn that grants,
/// on whatever node it is taken, and is out of the queue as soon as it leaves.
/// </summary>
public sealed class LockDesk
{
    /// <summary>How long a turn of the table may take; after that the ledger does not answer.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(30);

    private readonly ResourceLocks locks;
    private readonly LockWaiters waiters;
    private readonly TimeProvider time;

    internal LockDesk(ResourceLocks locks, LockWaiters waiters, TimeProvider time) =>
        (this.locks, this.waiters, this.time) = (locks, waiters, time);

    /// <summary>All the names at once: granted, denied, or full.</summary>
    /// <param name="left">Ends the wait and takes the request out of the queue; what was granted meanwhile
    /// goes back.</param>
    public async Task<OutsideAnswer> AcquireAsync(Tenancy tenancy, TenancyKeys keys,
        ImmutableArray<string> names, OutsideAsk ask, CancellationToken left)
    {
        var entry = new LockEntry(LockOwner.Outside(tenancy, NewId()),
            [.. names.Distinct(StringComparer.Ordinal)], []);
        var granted = waiters.Expect(entry.Owner.RunId);
        var heard = false;
        try
        {
            var answer = await WishAsync(tenancy, keys, new LockWish.AskOutside(entry, ask), left);
            if (answer is OutsideAnswer.Waits)
            {
                answer = await WaitAsync(tenancy, keys, entry, ask, granted, left);
            }
            left.ThrowIfCancellationRequested();
            heard = true;
            return answer;
        }
        finally
        {
            waiters.Forget(entry.Owner.RunId);
            if (!heard)
            {
                _ = locks.WishAsync(tenancy, keys, new LockWish.StopWaiting(entry, HasLeft: true))
                    .ContinueWith(t => t.Exception, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Granted anew, or gone.</summary>
    public Task<OutsideAnswer> RenewAsync(Tenancy tenancy, TenancyKeys keys, string lockId, int? ttlSeconds,
        string actor, CancellationToken cancel) =>
        WishAsync(tenancy, keys,
            new LockWish.Renew(LockOwner.Outside(tenancy, lockId), ttlSeconds, actor), cancel);

    /// <summary>What it was, or gone.</summary>
    public Task<OutsideAnswer> ReleaseAsync(
        Tenancy tenancy, TenancyKeys keys, string lockId, string actor, CancellationToken cancel) =>
        WishAsync(tenancy, keys,
            new LockWish.ReleaseOutside(LockOwner.Outside(tenancy, lockId), actor), cancel);

    private async Task<OutsideAnswer> WaitAsync(Tenancy tenancy, TenancyKeys keys, LockEntry entry,
        OutsideAsk ask, Task<LockGrant> granted, CancellationToken left)
    {
        try
        {
            var grant = await granted.WaitAsync(TimeSpan.FromSeconds(ask.WaitSeconds), time, left);
            return new OutsideAnswer.Granted(new OutsideLock(entry.Owner.RunId, ask.Holder, entry.Names,
                grant.Fence, grant.GrantedAt, grant.ExpiresAt!.Value));
        }
        catch (TimeoutException)
        {
            return await WishAsync(tenancy, keys, new LockWish.StopWaiting(entry, HasLeft: false), left);
        }
    }

    private async Task<OutsideAnswer> WishAsync(
        Tenancy tenancy, TenancyKeys keys, LockWish wish, CancellationToken cancel)
    {
        try
        {
            return await locks.WishAsync(tenancy, keys, wish).WaitAsync(TurnMax, time, cancel);
        }
        catch (TimeoutException)
        {
            throw new AegisException(PumpErrors.NoLocks);
        }
    }

    private static string NewId() => "lock_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
}
