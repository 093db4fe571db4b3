using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A paused run goes on with whatever became ready meanwhile.</summary>
public sealed record ResumeRun(DateTimeOffset At, string Actor) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Paused)
        {
            decision.Emit(new RunResumed(Actor));
            ChildRuns.SteerAll(decision);
            Recover.Waiting(decision);
        }
    }
}
