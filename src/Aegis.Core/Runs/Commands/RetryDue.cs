namespace Aegis.Core.Runs.Commands;

/// <summary>The back-off of a task is over.</summary>
public sealed record RetryDue(DateTimeOffset At, int Index) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status != TaskStatus.RetryWait)
        {
            return;
        }
        if (At < state.NotBefore)
        {
            decision.Then(new RunEffect.WakeAt(Index, state.NotBefore.Value));
        }
        else if (!Progress.StartOrQueue(decision, Index))
        {
            Progress.AfterEnd(decision, Index);
        }
    }
}
