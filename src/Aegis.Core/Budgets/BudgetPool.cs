namespace Aegis.Core.Budgets;

/// <summary>
/// A limit in one period as the ledger holds it for all nodes: the arithmetic that is done while its row is
/// held. What is leased and not yet accounted for counts as used, so what a node held when it died counts as
/// spent.
/// </summary>
/// <param name="Spent">By blocks that were handed in.</param>
/// <param name="Out">Leased, neither spent nor given back as far as is known.</param>
public readonly record struct BudgetPool(decimal Most, decimal Spent, decimal Out)
{
    // A block takes no more than this part of what is left, unless the call needs more: the nearer the end,
    // the smaller the blocks, and the less lies with nodes that do not need it.
    private const int Parts = 8;

    public decimal Left => Math.Max(0, Most - Spent - Out);

    /// <summary>How much a lease is widened: no less than is needed (of at most <see cref="Money.Places"/>),
    /// no more than is wanted; null where less is left than needed.</summary>
    /// <param name="places">Of what is granted; 0 for what is whole.</param>
    public decimal? Grant(BudgetLease lease, decimal needed, decimal wanted, int places = Money.Places)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(needed);
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, needed);
        // what it owes is counted as spent already
        return needed > Left + lease.Owed ? null
            : Math.Clamp(Math.Max(needed, Money.Down(wanted, places)), needed,
                Math.Max(needed, lease.Owed + Money.Down(Left / Parts, places)));
    }

    /// <summary>A lease was widened, or its node said what became of it.</summary>
    public BudgetPool With(BudgetLease before, BudgetLease after) => this with
    {
        Spent = Spent + after.Spent - before.Spent,
        Out = Out + after.Out - before.Out,
    };
}

/// <summary>What the ledger knows of one node's block: sums since it began, as in
/// <see cref="BudgetBlock"/>.</summary>
public readonly record struct BudgetLease(decimal Leased, decimal Spent, decimal GivenBack)
{
    /// <summary>What may be spent yet, as far as is known.</summary>
    public decimal Out => Math.Max(0, Leased - Spent - GivenBack);

    /// <summary>What calls used beyond it.</summary>
    public decimal Owed => Math.Max(0, Spent + GivenBack - Leased);
}
