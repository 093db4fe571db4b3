using Aegis.Core.Budgets;
using Aegis.Core.Errors;

namespace Aegis.Gate.Budgets;

/// <summary>The limits of one call, as the runner of models spends from them.</summary>
internal sealed class Purse(BudgetRoom room, LimitSet limits) : IPurse
{
    public decimal? LeftUsd => room.LeftUsd(limits);

    public async ValueTask<IBudgetHold> ReserveAsync(CallCost worstCase, CancellationToken cancel)
    {
        var outcome = await room.ReserveAsync(limits, worstCase, cancel);
        return outcome.Hold ?? throw new AegisException(outcome.Refusal!);
    }
}

/// <summary>A reservation at the node's desk.</summary>
internal sealed class Hold(BudgetDesk desk, BudgetReservation made) : IBudgetHold
{
    public void Settle(CallCost actual) => desk.Settle(made, actual);

    public void Release() => desk.Release(made);
}
