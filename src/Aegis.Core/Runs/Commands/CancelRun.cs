using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>Somebody asks the run to end: what runs is interrupted, what waits is skipped unless its
/// condition asks for cancelled() or always().</summary>
public sealed record CancelRun(DateTimeOffset At, string Actor, string? Reason) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.CancelAsked)
        {
            return;
        }
        decision.Emit(new RunCancelRequested(Actor, Reason));
        Stopping.Interrupt(decision);
    }
}
