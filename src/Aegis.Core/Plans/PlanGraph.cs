using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Aegis.Core.Plans;

/// <summary>A plan with what a run asks of it all the time: who waits for whom, which index a step has, and
/// which tasks belong to which group. Made once per plan and shared by its runs; a run whose plan grows goes
/// on with a graph of its own.</summary>
public sealed class PlanGraph
{
    private readonly FrozenDictionary<string, int> indexOf;
    private readonly ImmutableDictionary<string, int> grownIndexOf;
    private readonly ImmutableArray<ImmutableArray<int>> dependents;
    private readonly ImmutableDictionary<int, ImmutableArray<int>> members;

    public PlanGraph(Plan plan)
    {
        Plan = plan;
        indexOf = plan.Tasks.ToFrozenDictionary(t => t.StepId, t => t.Index, StringComparer.Ordinal);
        grownIndexOf = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);
        members = ImmutableDictionary<int, ImmutableArray<int>>.Empty;
        dependents = DependentsOf(plan.Tasks);
    }

    private PlanGraph(PlanGraph before, ImmutableArray<PlanTask> more)
    {
        Plan = before.Plan with { Tasks = before.Plan.Tasks.AddRange(more) };
        indexOf = before.indexOf;
        grownIndexOf = before.grownIndexOf.AddRange(
            more.Select(t => KeyValuePair.Create(t.StepId, t.Index)));
        var group = more[0].Member!.Group;
        members = before.members.SetItem(group, [.. before.Members(group), .. more.Select(t => t.Index)]);
        dependents = more.All(t => t.Needs.IsEmpty)
            ? before.dependents.AddRange(Enumerable.Repeat(ImmutableArray<int>.Empty, more.Length))
            : DependentsOf(Plan.Tasks);
    }

    public Plan Plan { get; }

    public ImmutableArray<int> Dependents(int index) => dependents[index];

    public int? IndexOf(string stepId) => indexOf.TryGetValue(stepId, out var index)
        || grownIndexOf.TryGetValue(stepId, out index) ? index : null;

    /// <summary>The tasks of a group, in order; empty for any other task.</summary>
    public ImmutableArray<int> Members(int group) => members.GetValueOrDefault(group, []);

    /// <summary>The graph with the tasks of a group at its end.</summary>
    public PlanGraph Grow(ImmutableArray<PlanTask> more) => more.IsEmpty ? this : new PlanGraph(this, more);

    /// <summary>Everything a task needs, directly or not, in plan order. A task of a group needs what the
    /// group's step needs.</summary>
    public ImmutableArray<int> Ancestors(int index)
    {
        var seen = new SortedSet<int>();
        var open = new Stack<int>([index]);
        while (open.TryPop(out var next))
        {
            for (var task = Plan.Tasks[next]; task is not null; task = GroupOf(task))
            {
                foreach (var need in task.Needs)
                {
                    if (seen.Add(need))
                    {
                        open.Push(need);
                    }
                }
            }
        }
        return [.. seen];
    }

    /// <summary>The tasks whose files a task sees, in the order in which they were laid down: everything it
    /// needs, groups with all their tasks; then what its own groups' steps left before it.</summary>
    public IEnumerable<int> FilesOf(int index) =>
        Ancestors(index).SelectMany(WithMembers).Concat(Before(index));

    private IEnumerable<int> Before(int index)
    {
        if (Plan.Tasks[index].Member is not { } member)
        {
            yield break;
        }
        foreach (var above in Before(member.Group))
        {
            yield return above;
        }
        var options = Plan.Tasks[member.Group].Options;
        if (member.Turn || options.Repeat is not null)
        {
            foreach (var earlier in Members(member.Group).Take(member.Number).SelectMany(WithMembers))
            {
                yield return earlier;
            }
        }
        else if (options.Foreach is null)
        {
            yield return member.Group;
        }
    }

    private PlanTask? GroupOf(PlanTask task) => task.Member is { } member ? Plan.Tasks[member.Group] : null;

    /// <summary>A task, and the tasks of its group below it.</summary>
    public IEnumerable<int> WithMembers(int index) => Members(index).SelectMany(WithMembers).Prepend(index);

    private static ImmutableArray<ImmutableArray<int>> DependentsOf(ImmutableArray<PlanTask> tasks)
    {
        var lists = new List<int>[tasks.Length];
        foreach (var task in tasks)
        {
            foreach (var need in task.Needs)
            {
                (lists[need] ??= []).Add(task.Index);
            }
        }
        return [.. lists.Select(l => l is null ? [] : l.ToImmutableArray())];
    }
}
