using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Aegis.Core.Plans;

/// <summary>A plan with what a run asks of it all the time: who waits for whom, and which index a step has.
/// Made once per plan and shared by its runs.</summary>
public sealed class PlanGraph
{
    private readonly FrozenDictionary<string, int> indexOf;
    private readonly ImmutableArray<ImmutableArray<int>> dependents;

    public PlanGraph(Plan plan)
    {
        Plan = plan;
        indexOf = plan.Tasks.ToFrozenDictionary(t => t.StepId, t => t.Index, StringComparer.Ordinal);
        var lists = new List<int>[plan.Tasks.Length];
        foreach (var task in plan.Tasks)
        {
            foreach (var need in task.Needs)
            {
                (lists[need] ??= []).Add(task.Index);
            }
        }
        dependents = [.. lists.Select(l => l is null ? [] : l.ToImmutableArray())];
    }

    public Plan Plan { get; }

    public ImmutableArray<int> Dependents(int index) => dependents[index];

    public int? IndexOf(string stepId) => indexOf.TryGetValue(stepId, out var index) ? index : null;

    /// <summary>Everything a task needs, directly or not, in plan order.</summary>
    public ImmutableArray<int> Ancestors(int index)
    {
        var seen = new SortedSet<int>();
        var open = new Stack<int>(Plan.Tasks[index].Needs);
        while (open.TryPop(out var next))
        {
            if (seen.Add(next))
            {
                foreach (var need in Plan.Tasks[next].Needs)
                {
                    open.Push(need);
                }
            }
        }
        return [.. seen];
    }
}
