namespace Aegis.Core.Budgets;

/// <summary>How much a node asks for at once.</summary>
public static class BlockSize
{
    // so many calls of the same size are made before the next lease
    private const int CallsAhead = 1_024;
    private const int PartsOfLimit = 32;

    /// <summary>No less than is missing; enough for many such calls, but no large part of the
    /// limit.</summary>
    public static decimal Wanted(BudgetLimit limit, BudgetShortfall shortfall) =>
        Math.Max(shortfall.Missing, Money.Down(
            Math.Min(shortfall.WorstCase * CallsAhead, limit.Most / PartsOfLimit),
            Money.PlacesOf(limit.Unit)));
}
