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

    private LeaseAnswer[] Grant(string node, IReadOnlyList<LeaseAsk> asks)
    {
        lock (_lock)
        {
            foreach (var (limit, key, _, _) in asks)
            {
                _pools.TryAdd(key, new(limit.Most, 0, 0));
            }
            var grants = asks.Select(a => _pools[a.Key].Grant(_leases.GetValueOrDefault((node, a.Key)),
                a.Needed, a.Wanted, Money.PlacesOf(a.Key.Unit))).ToList();
            if (grants.Contains(null))
            {
                return [.. asks.Zip(grants, (a, g) => new LeaseAnswer(null, _pools[a.Key].Left, g is null))];
            }
            foreach (var (ask, granted) in asks.Zip(grants))
            {
                var lease = _leases.GetValueOrDefault((node, ask.Key));
                Put(node, ask.Key, lease with { Leased = lease.Leased + granted!.Value });
            }
            return [.. asks.Zip(grants, (a, g) => new LeaseAnswer(g, _pools[a.Key].Left))];
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
        public ValueTask<IReadOnlyList<LeaseAnswer>> LeaseAsync(
            IReadOnlyList<LeaseAsk> asks, CancellationToken cancel) =>
            ValueTask.FromResult<IReadOnlyList<LeaseAnswer>>(all.Grant(node, asks));

        public ValueTask HandInAsync(IReadOnlyList<LeaseSums> leases, CancellationToken cancel)
        {
            foreach (var (key, _, spent, back) in leases)
            {
                all.HandIn(node, key, spent, back);
            }
            return ValueTask.CompletedTask;
        }

        public ValueTask CloseAsync(IReadOnlyList<BudgetKey> keys, CancellationToken cancel) =>
            throw new NotSupportedException("desks are tried without it");

        public ValueTask<IReadOnlyList<BudgetUse>> LookAsync(
            IReadOnlyList<BudgetKey> keys, CancellationToken cancel) =>
            throw new NotSupportedException("desks are tried without it");
    }
}
