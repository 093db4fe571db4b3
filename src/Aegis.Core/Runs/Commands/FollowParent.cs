using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The run above is paused or goes on, and so does this one. What a human paused here stays
/// paused.</summary>
public sealed record FollowParent(DateTimeOffset At, bool Paused) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State is not { Status: RunStatus.Running, Start.Parent: { } parent } run)
        {
            return;
        }
        var actor = ChildRuns.ActorOf(parent.RunId);
        if (Paused && !run.Paused)
        {
            decision.Emit(new RunPaused(actor, "the run above was paused"));
            ChildRuns.SteerAll(decision);
        }
        else if (!Paused && run.Paused && run.PausedBy == actor)
        {
            decision.Emit(new RunResumed(actor));
            ChildRuns.SteerAll(decision);
            Recover.Waiting(decision);
        }
    }
}
