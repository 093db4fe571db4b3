using Aegis.Core.Runs.Commands;
using Aegis.Engine.Pump;
using Aegis.Ledger.Locks;

namespace Aegis.Engine.Node;

/// <summary>Brings what was decided about locks to the runs of this node, and to who waits at its doors. A
/// run that is gone meanwhile has given everything back.</summary>
internal sealed class LockNews(LiveRuns live, IChildRuns children, LockWaiters waiters, TimeProvider time)
    : ILockHolders
{
    public void Granted(LockGrant grant)
    {
        if (grant.Owner.IsOutside)
        {
            waiters.Granted(grant);
            return;
        }
        live.Find(grant.Owner.Tenancy, grant.Owner.RunId)?.Post(
            new LocksGranted(time.GetUtcNow(), grant.Owner.Index, grant.Names, grant.Fence));
    }

    public void Denied(LockDenial denial)
    {
        var owner = denial.Entry.Owner;
        live.Find(owner.Tenancy, owner.RunId)?.Post(new LocksRefused(time.GetUtcNow(), owner.Index,
            denial.Entry.Names, children.Refusal(denial.Standstill)));
    }
}
