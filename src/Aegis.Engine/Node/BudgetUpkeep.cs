using Aegis.Gate.Budgets;
using Aegis.Ledger;
using Aegis.Ledger.Budgets;

namespace Aegis.Engine.Node;

/// <summary>Keeps the node's budgets: they spend while it has its lease, tell the ledger with each beat, and
/// hand in what they hold when it stops.</summary>
internal sealed class BudgetUpkeep(BudgetRoom? budgets, BudgetLeases leases)
{
    // what nobody asks for again is looked for every so many beats
    private const int SweepEvery = 60;
    private int beats;

    public void Open() => budgets?.Open(leases);

    public async ValueTask BeatAsync(CancellationToken cancel)
    {
        if (budgets is null)
        {
            return;
        }
        await budgets.BeatAsync(cancel);
        if (beats++ % SweepEvery == 0)
        {
            await leases.SweepAsync(cancel);
        }
    }

    /// <summary>Where the ledger cannot be reached, what the node held stays spent.</summary>
    public async ValueTask StopAsync()
    {
        try
        {
            await (budgets?.StopAsync(CancellationToken.None) ?? ValueTask.CompletedTask);
        }
        catch (Exception e) when (PassingFault.Is(e))
        {
            // as if it had died
        }
    }
}
