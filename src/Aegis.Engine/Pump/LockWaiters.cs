using System.Collections.Concurrent;
using Aegis.Ledger.Locks;

namespace Aegis.Engine.Pump;

/// <summary>Holders outside that wait for their turn at the doors of this node.</summary>
internal sealed class LockWaiters
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<LockGrant>> waiting = new();

    /// <summary>Completes when a lock is granted; asked for before the lock is.</summary>
    public Task<LockGrant> Expect(string lockId) => waiting.GetOrAdd(lockId,
        _ => new TaskCompletionSource<LockGrant>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Forget(string lockId) => waiting.TryRemove(lockId, out _);

    public void Granted(LockGrant grant)
    {
        if (waiting.TryGetValue(grant.Owner.RunId, out var waiter))
        {
            waiter.TrySetResult(grant);
        }
    }
}
