using Aegis.Core.Errors;

namespace Aegis.Core.Runs.Commands;

/// <summary>A task can never have the resources that it asked for: it fails, and is not tried again. It may
/// have ended meanwhile.</summary>
public sealed record LocksRefused(DateTimeOffset At, int Index, AegisError Error) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Tasks[Index].Status is TaskStatus.Ready or TaskStatus.RetryWait)
        {
            Progress.Advance(decision, Progress.Fail(decision, Index, Error));
        }
    }
}
