using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The run that a step stands on has ended, or could not begin. Told once too often it does
/// nothing.</summary>
/// <param name="Jitter">0 to 1, the chance part of the next back-off.</param>
public sealed record ChildEnded(DateTimeOffset At, int Index, string RunId, ChildResult Result, double Jitter)
    : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state is not { Status: TaskStatus.Child, Child: { } child } || child.RunId != RunId)
        {
            return;
        }
        var step = decision.State.Plan.Tasks[Index].StepId;
        decision.Emit(new ChildRunEnded(step, state.Attempt, RunId, Result.Status,
            Math.Max(Result.CostUsd, child.CostUsd), Result.Reason, Result.Audits));
        Stopping.OverBudget(decision);
        var ok = Result.Status == "succeeded";
        AttemptEnd.Apply(decision, Index, state.Attempt, new AttemptResult("", "", "", ok, RunId,
            Result.Outputs, null, ok ? null : ChildRuns.Failed(child, Result, At >= state.NotBefore), 0, 0,
            null, null, null, false, Result.Refusal is null, false), Jitter);
    }
}
