using Aegis.Core.Errors;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>What runs goes on, nothing begins until the run is resumed.</summary>
public sealed record PauseRun(DateTimeOffset At, string Actor, string? Reason) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Status == RunStatus.Stopping)
        {
            decision.Refuse(new AegisError("AEGIS5038", "the run is stopping", "a run that goes on"));
        }
        else if (!decision.State.Paused)
        {
            decision.Emit(new RunPaused(Actor, Reason));
            ChildRuns.SteerAll(decision);
        }
    }
}
