using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A task can never have the resources that it asked for: it fails, and is not tried again. It may
/// have ended meanwhile.</summary>
public sealed record LocksRefused(
    DateTimeOffset At, int Index, ImmutableArray<string> Names, AegisError Error) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Tasks[Index].Status is TaskStatus.Ready or TaskStatus.RetryWait)
        {
            decision.Emit(new LockDenied(decision.State.Plan.Tasks[Index].StepId, Names, Error));
            Progress.Advance(decision, Progress.Fail(decision, Index, Error));
        }
    }
}
