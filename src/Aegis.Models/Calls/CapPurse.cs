using Aegis.Core.Budgets;

namespace Aegis.Models.Calls;

/// <summary>What one call of a run may spend: a cap in dollars that the engine has set aside already, and the
/// caller's other limits beside it.</summary>
/// <param name="others">Null for none.</param>
public sealed class CapPurse(decimal capUsd, IPurse? others = null) : IPurse
{
    private readonly Lock turn = new();
    private decimal taken;

    public decimal? LeftUsd
    {
        get
        {
            lock (turn)
            {
                return others?.LeftUsd is { } left ? Math.Min(left, capUsd - taken) : capUsd - taken;
            }
        }
    }

    public async ValueTask<IBudgetHold> ReserveAsync(CallCost worstCase, CancellationToken cancel)
    {
        lock (turn)
        {
            if (worstCase.Usd > capUsd - taken)
            {
                throw ModelErrors.OverBudget("this call could cost more than is left", worstCase.Usd,
                    capUsd - taken);
            }
            taken += worstCase.Usd;
        }
        try
        {
            return new Hold(this, worstCase,
                others is null ? null : await others.ReserveAsync(worstCase, cancel));
        }
        catch
        {
            Change(-worstCase.Usd);
            throw;
        }
    }

    private void Change(decimal usd)
    {
        lock (turn)
        {
            taken += usd;
        }
    }

    private sealed class Hold(CapPurse purse, CallCost worst, IBudgetHold? other) : IBudgetHold
    {
        public void Settle(CallCost actual)
        {
            purse.Change(actual.Usd - worst.Usd);
            other?.Settle(actual);
        }

        public void Release()
        {
            purse.Change(-worst.Usd);
            other?.Release();
        }
    }
}
