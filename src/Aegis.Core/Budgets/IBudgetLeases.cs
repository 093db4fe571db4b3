namespace Aegis.Core.Budgets;

/// <summary>
/// Where a node's blocks come from: the ledger. A lease is of (node, key); more of the same key widens it. It
/// is durable before it is answered. What the lease of a dead node has not accounted for counts as spent.
/// </summary>
public interface IBudgetLeases
{
    /// <summary>Leases from several limits: from each no less than is needed and no more than is wanted, or
    /// from none.</summary>
    /// <returns>An answer for each ask, in their order; see <see cref="BudgetPool.Grant"/>.</returns>
    /// <exception cref="Errors.AegisException">AEGIS2374: the node may lease nothing any more.</exception>
    ValueTask<IReadOnlyList<LeaseAnswer>> LeaseAsync(IReadOnlyList<LeaseAsk> asks, CancellationToken cancel);

    /// <summary>Says what became of leases, as sums since they began: told twice, it counts once.</summary>
    ValueTask HandInAsync(IReadOnlyList<LeaseSums> leases, CancellationToken cancel);

    /// <summary>Ends leases of which all is accounted for; the next one of the same key begins at
    /// zero.</summary>
    ValueTask CloseAsync(IReadOnlyList<BudgetKey> keys, CancellationToken cancel);

    /// <summary>What all nodes have used, in the order of the keys.</summary>
    ValueTask<IReadOnlyList<BudgetUse>> LookAsync(IReadOnlyList<BudgetKey> keys, CancellationToken cancel);
}

public readonly record struct LeaseAsk(BudgetLimit Limit, BudgetKey Key, decimal Needed, decimal Wanted);

/// <param name="Granted">Null where not so much is left as is needed, here or in another limit.</param>
/// <param name="Left">Of the limit after it, for all nodes.</param>
/// <param name="Lacks">Whether it is this limit that has not so much left.</param>
public readonly record struct LeaseAnswer(decimal? Granted, decimal Left, bool Lacks = false);

/// <summary>Of a lease since it began.</summary>
/// <param name="Leased">As far as the node knows: what an answer that was lost had granted cannot be
/// spent.</param>
public readonly record struct LeaseSums(BudgetKey Key, decimal Leased, decimal Spent, decimal GivenBack);

/// <param name="Spent">By calls that ended and were accounted for.</param>
/// <param name="Out">Leased by nodes and not yet accounted for.</param>
public readonly record struct BudgetUse(decimal Spent, decimal Out);
