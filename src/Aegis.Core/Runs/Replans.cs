using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs;

/// <summary>Says which steps stand on a failed one, so that a planner can propose others in their
/// place.</summary>
internal static class Replans
{
    /// <summary>How many affected steps a fact names.</summary>
    public const int AffectedMax = 200;

    public static void Ask(Decision d, int failed, string reason)
    {
        var (run, task) = (d.State, d.State.Plan.Tasks[failed]);
        // an item, an iteration or a turn fails its group, and that asks
        if (task.ContinueOnError || (task.Member is { } member && !AddedSteps.Are(run, member.Group)))
        {
            return;
        }
        var affected = Below(run, failed);
        if (affected.Count > 0)
        {
            d.Emit(new ReplanRequired(task.StepId, "sub_graph", reason,
                [.. affected.Take(AffectedMax).Select(i => run.Plan.Tasks[i].StepId)]));
        }
    }

    /// <summary>Everything that needs a task, directly or not, and has not ended, in plan order.</summary>
    private static SortedSet<int> Below(RunState run, int index)
    {
        var found = new SortedSet<int>();
        var open = new Queue<int>([index]);
        while (open.TryDequeue(out var next))
        {
            foreach (var follower in run.Graph.Dependents(next))
            {
                if (!run.Tasks[follower].Ended && found.Add(follower))
                {
                    open.Enqueue(follower);
                }
            }
        }
        return found;
    }
}
