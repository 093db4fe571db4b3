using Aegis.Core.Budgets;

namespace Aegis.Gate.Budgets;

/// <summary>How a limit stands in its period, as this node sees it.</summary>
/// <param name="Spent">By calls that ended; of other nodes as far as they have told, which they do every few
/// seconds.</param>
/// <param name="Held">Reserved for calls on their way, and held by other nodes.</param>
/// <param name="Left">For calls of this node.</param>
/// <param name="Until">Null for a limit that stands for good.</param>
public sealed record BudgetState(
    BudgetLimit Limit, decimal Spent, decimal Held, decimal Left, DateTimeOffset? Until)
{
    /// <param name="told">What the ledger knows of the node's block.</param>
    internal static BudgetState Of(
        BudgetLimit limit, BudgetKey key, BudgetUse all, BudgetBlock block, BudgetBlock told)
    {
        var untold = block.Spent - told.Spent;
        return new(limit, all.Spent + untold, Math.Max(0, all.Out - untold - block.Free),
            Math.Max(0, limit.Most - all.Spent - all.Out) + block.Free, key.Until);
    }
}
