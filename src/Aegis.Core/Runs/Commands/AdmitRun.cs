using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The turn of a queued run has come.</summary>
public sealed record AdmitRun(DateTimeOffset At) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Queued)
        {
            decision.Emit(new RunAdmitted());
            Recover.Waiting(decision);
        }
    }
}
