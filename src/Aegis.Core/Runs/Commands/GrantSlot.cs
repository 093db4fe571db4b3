namespace Aegis.Core.Runs.Commands;

/// <summary>A slot is free for a task that was queued for one. The task may have ended meanwhile; the shell
/// gives the slot back then.</summary>
public sealed record GrantSlot(DateTimeOffset At, int Index) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status is not (TaskStatus.Ready or TaskStatus.RetryWait))
        {
            return;
        }
        if (!Progress.Start(decision, Index, recovery: false))
        {
            Progress.AfterEnd(decision, Index);
        }
    }
}
