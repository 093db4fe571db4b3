namespace Aegis.Core.Runs.Commands;

/// <summary>A slot is free for a task that was queued for one. The task may have ended or the run be
/// paused meanwhile; the shell gives the slot back then.</summary>
public sealed record GrantSlot(DateTimeOffset At, int Index) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status is TaskStatus.Ready or TaskStatus.RetryWait && !decision.State.Holds)
        {
            Progress.Advance(decision, Progress.Start(decision, Index, recovery: false));
        }
    }
}
