using System.Collections.Immutable;

namespace Aegis.Core.Plans.Drawing;

/// <summary>The graph that is drawn: a node is one task, or tasks side by side that need the same and are
/// needed by the same. An edge that others imply is left out.</summary>
/// <param name="Nodes">In topological order.</param>
/// <param name="Edges">By positions of nodes, the needed one first.</param>
public sealed record PlanFigure(ImmutableArray<FigureNode> Nodes, ImmutableArray<FigureEdge> Edges)
{
    /// <summary>Fewer twins than this stand side by side as they are.</summary>
    public const int TwinsMin = 3;

    public static PlanFigure Of(Plan plan, bool fold)
    {
        var needs = Reduced(plan);
        var groups = fold ? Twins(needs) : [.. Enumerable.Range(0, needs.Length).Select(i =>
            ImmutableArray.Create(i))];
        var nodeOf = new int[needs.Length];
        for (var i = 0; i < groups.Length; i++)
        {
            foreach (var task in groups[i])
            {
                nodeOf[task] = i;
            }
        }
        var edges = groups.SelectMany((g, i) => needs[g[0]].Select(n => new FigureEdge(nodeOf[n], i)))
            .Distinct();
        return new PlanFigure([.. groups.Select(g => new FigureNode(g))], [.. edges]);
    }

    /// <summary>For each task the needs that no other need of it has already. What a task reaches is a bit
    /// set: 10,000 tasks take 12 MB for as long as this lasts.</summary>
    private static int[][] Reduced(Plan plan)
    {
        var reach = new ulong[plan.Tasks.Length][];
        var needs = new int[plan.Tasks.Length][];
        foreach (var task in plan.Tasks)
        {
            var below = new ulong[(task.Index + 63) / 64];
            foreach (var need in task.Needs)
            {
                for (var i = 0; i < reach[need].Length; i++)
                {
                    below[i] |= reach[need][i];
                }
            }
            needs[task.Index] = [.. task.Needs.Where(n => (below[n >> 6] & (1UL << (n & 63))) == 0)];
            foreach (var need in needs[task.Index])
            {
                below[need >> 6] |= 1UL << (need & 63);
            }
            reach[task.Index] = below;
        }
        return needs;
    }

    private static ImmutableArray<ImmutableArray<int>> Twins(int[][] needs)
    {
        var followers = new List<int>[needs.Length];
        for (var i = 0; i < needs.Length; i++)
        {
            followers[i] = [];
            foreach (var need in needs[i])
            {
                followers[need].Add(i);
            }
        }
        return
        [
            .. Enumerable.Range(0, needs.Length)
                .GroupBy(i => $"{string.Join(',', needs[i])}>{string.Join(',', followers[i])}")
                .SelectMany(g => g.Count() >= TwinsMin
                    ? [g.ToImmutableArray()]
                    : g.Select(i => ImmutableArray.Create(i)))
                .OrderBy(g => g[0]),
        ];
    }
}

/// <param name="Tasks">Indices of its tasks, in plan order.</param>
public sealed record FigureNode(ImmutableArray<int> Tasks);

public readonly record struct FigureEdge(int From, int To);
