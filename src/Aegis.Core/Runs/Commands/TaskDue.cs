using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A time has come that a task waited for: the end of its back-off, of its approval's patience, or
/// of its sla. Which one, its state says, so that a wake-up too many does nothing.</summary>
public sealed record TaskDue(DateTimeOffset At, int Index) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        Sla(decision, decision.State.Plan.Tasks[Index], state);
        if (state.NotBefore is not { } due)
        {
            return;
        }
        if (At < due)
        {
            decision.Then(new RunEffect.WakeAt(Index, due));
        }
        else if (state.Status == TaskStatus.Approval)
        {
            Approvals.Deny(decision, Index, Approvals.Nobody, "no answer came in time");
        }
        else if (state.Status == TaskStatus.Child)
        {
            decision.Then(new RunEffect.SteerChild(Index));
        }
        else if (state.Status == TaskStatus.RetryWait && !decision.State.Holds)
        {
            Progress.Advance(decision, Progress.Begin(decision, Index));
        }
    }

    private void Sla(Decision decision, PlanTask task, TaskState state)
    {
        if (task.Options.Sla is { } sla && state is { Ended: false, Overdue: false, StartedAt: { } began }
            && At >= began + sla)
        {
            decision.Emit(new SLAViolated(task.StepId, (long)sla.TotalMilliseconds));
        }
    }
}
