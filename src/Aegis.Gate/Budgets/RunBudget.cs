using Aegis.Core;
using Aegis.Core.Budgets;

namespace Aegis.Gate.Budgets;

/// <summary>What a run may cost in all (max_cost_usd), or one that it is a step of: many steps at once spend
/// no more together.</summary>
public sealed record RunBudget(int Tenant, RunId Run, decimal MostUsd)
{
    internal BudgetLimit Limit => new(
        Tenant, BudgetScope.Run, Run.Value, BudgetPeriod.Total, BudgetUnit.Usd, Money.Down(MostUsd));
}
