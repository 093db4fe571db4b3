using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>What the outside said of an interrupted act: exactly one of Happened, NotHappened (both null) and
/// Unknown.</summary>
public sealed record ProbeAnswered(DateTimeOffset At, int Index, int Attempt, AttemptResult? Happened,
    string? Unknown) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status != TaskStatus.Running || state.Attempt != Attempt)
        {
            return;
        }
        if (Happened is not null)
        {
            var returned = new TaskReturned(At, Index, Attempt, Happened, 0);
            returned.ApplyTo(decision);
        }
        else if (Unknown is not null)
        {
            decision.Emit(new TaskInDoubt(decision.State.Plan.Tasks[Index].StepId, Attempt, Unknown));
        }
        else
        {
            Progress.Advance(decision, Progress.Start(decision, Index, recovery: true));
        }
    }
}
