using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Deployments;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Deployments;

/// <summary>Locks of calls, in the one queue of the project's locks. What a killed server held is free when
/// its time is over, so a call waits a little longer than that.</summary>
/// <param name="waitSeconds">How long a call waits for another one.</param>
public sealed class CallLocks(LockDesk desk, TenantDirectory tenants, TimeProvider time,
    int waitSeconds = CallLocks.WaitSeconds) : ICallLocks
{
    private const int TtlSeconds = 60;
    private const int WaitSeconds = 75;

    public async ValueTask<IHeldLock> TakeAsync(
        Principal by, string resource, string callId, CancellationToken cancel)
    {
        var keys = await tenants.ResolveAsync(by.Tenancy, cancel)
            ?? throw new AegisException(new AegisError("AEGIS5025", $"there is no project {by.Tenancy}"));
        var holder = callId[..Math.Min(callId.Length, OutsideAsk.HolderCharsMax)];
        return await desk.AcquireAsync(by.Tenancy, keys, [resource],
                new OutsideAsk(holder, by.Actor, TtlSeconds, waitSeconds), cancel) switch
            {
                OutsideAnswer.Granted granted => new Held(desk, by, keys, granted.Lock.LockId, time),
                OutsideAnswer.Denied { Denial.HeldBy: [var other, ..] } => throw Taken(resource,
                    other.Holder ?? other.RunId),
                _ => throw Taken(resource, null),
            };
    }

    private AegisException Taken(string resource, string? by) => new(new AegisError("AEGIS2679",
        $"{resource} is being changed by another call", $"the lock within {waitSeconds} s",
        by is null ? null : $"held by {by}", "wait for its end; aegis lock list shows it"));

    private sealed class Held : IHeldLock
    {
        private readonly LockDesk desk;
        private readonly Principal by;
        private readonly TenancyKeys keys;
        private readonly string id;
        private readonly CancellationTokenSource lost = new();
        private readonly CancellationTokenSource end = new();
        private readonly Task renewing;

        public Held(LockDesk desk, Principal by, TenancyKeys keys, string id, TimeProvider time)
        {
            (this.desk, this.by, this.keys, this.id) = (desk, by, keys, id);
            renewing = RenewAsync(time);
        }

        public CancellationToken Lost => lost.Token;

        public async ValueTask DisposeAsync()
        {
            await end.CancelAsync();
            await renewing;
            await desk.ReleaseAsync(by.Tenancy, keys, id, by.Actor, CancellationToken.None);
            end.Dispose();
            lost.Dispose();
        }

        private async Task RenewAsync(TimeProvider time)
        {
            using var beat = new PeriodicTimer(TimeSpan.FromSeconds(TtlSeconds / 4), time);
            var misses = 0;
            try
            {
                while (await beat.WaitForNextTickAsync(end.Token))
                {
                    misses = await RenewedAsync() ? 0 : misses + 1;
                    // one answer that is late is no loss yet: its time is four beats long
                    if (misses == 2)
                    {
                        await lost.CancelAsync();
                        return;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // given back
            }
        }

        private async Task<bool> RenewedAsync()
        {
            try
            {
                return await desk.RenewAsync(by.Tenancy, keys, id, TtlSeconds, by.Actor, end.Token)
                    is OutsideAnswer.Granted;
            }
            catch (AegisException)
            {
                return false;
            }
        }
    }
}
