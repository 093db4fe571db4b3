using System.Collections.Immutable;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>Something happened within a call that goes on: an agent's model replied, or a call that it asked
/// for came to an end. The facts are committed before the turn goes on.</summary>
public sealed record RecordTurn(DateTimeOffset At, int Index, int Attempt, ImmutableArray<RunEvent> Facts)
    : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var (task, state) = (decision.State.Plan.Tasks[Index], decision.State.Tasks[Index]);
        if (state.Status != TaskStatus.Running || state.Attempt != Attempt)
        {
            decision.Refuse(new Errors.AegisError(
                "AEGIS5002", $"attempt {Attempt} of {task.StepId} is over"));
            return;
        }
        foreach (var fact in Facts)
        {
            decision.Emit(fact);
        }
        Stopping.OverBudget(decision);
    }
}
