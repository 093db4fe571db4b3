using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>What stopping does to the tasks of a run, whoever asked for it.</summary>
internal static class Stopping
{
    public static void Interrupt(Decision decision)
    {
        foreach (var task in decision.State.Plan.Tasks)
        {
            var state = decision.State.Tasks[task.Index];
            switch (state.Status)
            {
                case TaskStatus.Running:
                    decision.Then(new RunEffect.Interrupt(task.Index, state.Attempt));
                    break;
                case TaskStatus.RetryWait or TaskStatus.InDoubt or TaskStatus.Approval or TaskStatus.Frozen:
                    decision.Emit(new TaskCancelled(task.StepId, state.Attempt));
                    Progress.AfterEnd(decision, task.Index);
                    break;
                case TaskStatus.Child:
                    decision.Then(new RunEffect.SteerChild(task.Index));
                    break;
                case TaskStatus.Ready:
                    Progress.Advance(decision, [task.Index]);
                    break;
                default:
                    break;
            }
        }
        Progress.EndIfDone(decision);
    }

    /// <summary>Ends the run when its calls have cost more than max_cost_usd.</summary>
    public static void OverBudget(Decision decision)
    {
        var run = decision.State;
        if (run.BudgetUsd is { } max && run.CostUsd > max && run.Status == RunStatus.Running)
        {
            decision.Emit(new BudgetExceeded("cost", max, run.CostUsd));
            Interrupt(decision);
        }
    }
}
