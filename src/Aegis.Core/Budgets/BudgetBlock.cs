namespace Aegis.Core.Budgets;

/// <summary>The part of a limit that a node may spend without asking anybody. All figures only grow, except
/// what is reserved: the node tells the ledger sums, so that a message that is sent twice changes
/// nothing.</summary>
/// <param name="Leased">Of the limit, in all.</param>
/// <param name="GivenBack">Of that, in all.</param>
/// <param name="Spent">By calls that ended, in all.</param>
/// <param name="Reserved">For calls on their way: the worst case of each.</param>
public readonly record struct BudgetBlock(decimal Leased, decimal GivenBack, decimal Spent, decimal Reserved)
{
    /// <summary>What may still be reserved.</summary>
    public decimal Free => Math.Max(0, Balance);

    /// <summary>What calls used beyond their worst case and beyond the block: only a provider that counts
    /// more than it was asked for can do that. It is taken from what is leased next.</summary>
    public decimal Overdrawn => Math.Max(0, -Balance);

    private decimal Balance => Leased - GivenBack - Spent - Reserved;

    /// <summary>Null where not so much is free.</summary>
    public BudgetBlock? Reserve(decimal worstCase)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(worstCase);
        return worstCase <= Free ? this with { Reserved = Reserved + worstCase } : null;
    }

    /// <summary>A call has ended, and used so much of what was reserved for it.</summary>
    public BudgetBlock Settle(decimal reserved, decimal actual)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        return Release(reserved) with { Spent = Spent + actual };
    }

    /// <summary>A call was not made.</summary>
    public BudgetBlock Release(decimal reserved)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(reserved);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reserved, Reserved);
        return this with { Reserved = Reserved - reserved };
    }

    public BudgetBlock Lease(decimal amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        return this with { Leased = Leased + amount };
    }

    /// <summary>Gives back what is free beyond an amount to keep.</summary>
    public BudgetBlock GiveBack(decimal keep = 0) =>
        this with { GivenBack = GivenBack + Math.Max(0, Free - keep) };

    /// <summary>Without the sums of a lease that has ended.</summary>
    public BudgetBlock Without(BudgetBlock ended) =>
        new(Leased - ended.Leased, GivenBack - ended.GivenBack, Spent - ended.Spent, Reserved);
}
