using System.Collections.Immutable;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>Makes a run: its first fact and whatever can start at once. Not a <see cref="RunCommand"/>,
/// because there is no state yet.</summary>
public static class StartRun
{
    /// <param name="reused">Results of the run that this one is a retry of.</param>
    public static Decision Decide(RunStarted started, PlanGraph graph, RunRules rules, DateTimeOffset at,
        ImmutableArray<TaskReused> reused = default)
    {
        var decision = new Decision(RunFold.Start(started, graph, at), rules, at);
        if (reused.IsDefaultOrEmpty)
        {
            Progress.FromRoots(decision);
            return decision;
        }
        foreach (var result in reused)
        {
            decision.Emit(result);
        }
        Progress.Advance(decision, [.. decision.State.Plan.Tasks.Select(t => t.Index)]);
        return decision;
    }
}
