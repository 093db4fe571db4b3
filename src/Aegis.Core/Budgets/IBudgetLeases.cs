namespace Aegis.Core.Budgets;

/// <summary>
/// Where a node's blocks come from: the ledger. A lease is of (node, key); more of the same key widens it. It
/// is durable before it is answered. A lease whose node died counts as spent until it is settled from the
/// facts of its calls.
/// </summary>
public interface IBudgetLeases
{
    /// <summary>Leases from a limit: no less than is needed, no more than is wanted.</summary>
    /// <returns>What was granted; see <see cref="BudgetPool.Grant"/>.</returns>
    ValueTask<LeaseAnswer> LeaseAsync(BudgetLimit limit, BudgetKey key, decimal needed, decimal wanted,
        CancellationToken cancel);

    /// <summary>Says what became of a lease, as sums since it began: told twice, it counts once.</summary>
    ValueTask HandInAsync(BudgetKey key, decimal spentInAll, decimal givenBackInAll,
        CancellationToken cancel);
}

/// <param name="Granted">Null where not so much is left as is needed.</param>
/// <param name="Left">Of the limit after it, for all nodes.</param>
public readonly record struct LeaseAnswer(decimal? Granted, decimal Left);
