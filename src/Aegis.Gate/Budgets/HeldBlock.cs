using Aegis.Core.Budgets;

namespace Aegis.Gate.Budgets;

/// <summary>What the ledger knows of a block, and how it stood at the last beat. Changed only under its
/// tenant's turn.</summary>
internal sealed class HeldBlock
{
    private BudgetBlock seen;

    /// <summary>The sums that the ledger has been told.</summary>
    public BudgetBlock Told { get; private set; }

    /// <summary>A lease was asked for and no answer came: the ledger hears what the node has.</summary>
    public bool Uncertain { get; set; }

    /// <summary>Its end was told, and perhaps not heard.</summary>
    public bool Closing { get; set; }

    /// <summary>How much of it the next beats need: twice what the last one spent, and as much as is reserved
    /// now. A block that nobody used keeps nothing.</summary>
    public decimal Keep(BudgetBlock now)
    {
        var keep = (2 * (now.Spent - seen.Spent)) + now.Reserved;
        seen = now;
        return keep;
    }

    public bool IsNews(BudgetBlock now) =>
        Uncertain || (now.Spent, now.GivenBack) != (Told.Spent, Told.GivenBack);

    public void Tell(BudgetBlock now) => (Told, Uncertain) = (now, false);

    /// <summary>Nothing of it is out, and the ledger knows; then its sums are remembered as those it ends
    /// with.</summary>
    public bool IsAccounted(BudgetBlock now)
    {
        if (now is not { Reserved: 0, Free: 0 } || IsNews(now))
        {
            return false;
        }
        Told = now;
        return true;
    }
}
