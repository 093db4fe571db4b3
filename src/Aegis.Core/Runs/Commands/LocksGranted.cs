using System.Collections.Immutable;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A task has got the resources that it asked for. It may have ended or the run be paused meanwhile:
/// they go back then.</summary>
/// <param name="Fence">Grows with every grant of a name.</param>
public sealed record LocksGranted(
    DateTimeOffset At, int Index, ImmutableArray<string> Names, long Fence = 0) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status is not (TaskStatus.Ready or TaskStatus.RetryWait) || decision.State.Holds)
        {
            decision.Then(new RunEffect.ReleaseLocks(Index));
            return;
        }
        decision.Emit(new LockGranted(decision.State.Plan.Tasks[Index].StepId, Names, Fence));
        Progress.Advance(decision, Progress.Begin(decision, Index));
    }
}
