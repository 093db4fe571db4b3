using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>Makes a run: its first fact and whatever can start at once. Not a <see cref="RunCommand"/>,
/// because there is no state yet.</summary>
public static class StartRun
{
    public static Decision Decide(RunStarted started, PlanGraph graph, RunRules rules, DateTimeOffset at)
    {
        var decision = new Decision(RunFold.Start(started, graph, at), rules, at);
        Progress.FromRoots(decision);
        return decision;
    }
}
