using Aegis.Core.Budgets;

namespace Aegis.Core.Tests.Budgets;

/// <summary>What the ledger does for all nodes, in memory: one pool for each limit, and the sums of each
/// node's lease.</summary>
internal sealed class PooledLeases
{
    private readonly Lock _lock = new();
    private readonly Dictionary<BudgetKey, BudgetPool> _pools = [];
    private readonly Dictionary<(string, BudgetKey), BudgetLease> _leases = [];

    public BudgetPool Pool(BudgetKey key)
    {
        lock (_lock)
        {
            return _pools[key];
        }
    }

    public IBudgetLeases For(string node) => new NodeLeases(this, node);

    /// <summary>A node is dead; its calls' facts say what its lease spent in truth.</summary>
    public void SettleDead(string node, Func<BudgetKey, decimal> spent)
    {
        lock (_lock)
        {
            foreach (var (key, lease) in _leases.Where(l => l.Key.Item1 == node)
                .Select(l => (l.Key.Item2, l.Value)).ToList())
            {
                var truth = spent(key);
                HandIn(node, key, truth, lease.Leased - truth);
            }
        }
    }

    private LeaseAnswer Grant(string node, BudgetLimit limit, BudgetKey key, decimal needed, decimal wanted)
    {
        lock (_lock)
        {
            var pool = _pools.GetValueOrDefault(key, new(limit.Most, 0, 0));
            _pools[key] = pool;
            var lease = _leases.GetValueOrDefault((node, key));
            if (pool.Grant(lease, needed, wanted) is { } granted)
            {
                Put(node, key, lease with { Leased = lease.Leased + granted });
                return new(granted, _pools[key].Left);
            }
            return new(null, pool.Left);
        }
    }

    private void HandIn(string node, BudgetKey key, decimal spent, decimal back)
    {
        lock (_lock)
        {
            Put(node, key, _leases[(node, key)] with { Spent = spent, GivenBack = back });
        }
    }

    private void Put(string node, BudgetKey key, BudgetLease lease)
    {
        _pools[key] = _pools[key].With(_leases.GetValueOrDefault((node, key)), lease);
        _leases[(node, key)] = lease;
    }

    private sealed class NodeLeases(PooledLeases all, string node) : IBudgetLeases
    {
        public ValueTask<LeaseAnswer> LeaseAsync(BudgetLimit limit, BudgetKey key, decimal needed,
            decimal wanted, CancellationToken cancel) =>
            ValueTask.FromResult(all.Grant(node, limit, key, needed, wanted));

        public ValueTask HandInAsync(BudgetKey key, decimal spentInAll, decimal givenBackInAll,
            CancellationToken cancel)
        {
            all.HandIn(node, key, spentInAll, givenBackInAll);
            return ValueTask.CompletedTask;
        }
    }
}
