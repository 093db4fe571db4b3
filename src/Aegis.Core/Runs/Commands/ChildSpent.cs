using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The run that a step stands on has cost this much so far. It counts against the parent's own
/// max_cost_usd at once, and not only when the child has ended.</summary>
public sealed record ChildSpent(DateTimeOffset At, int Index, string RunId, decimal CostUsd) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state is { Status: TaskStatus.Child, Child: { } child } && child.RunId == RunId
            && CostUsd > child.CostUsd)
        {
            decision.Emit(new ChildRunSpent(
                decision.State.Plan.Tasks[Index].StepId, state.Attempt, RunId, CostUsd));
            Stopping.OverBudget(decision);
        }
    }
}
