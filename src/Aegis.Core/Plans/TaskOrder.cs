using System.Collections.Immutable;

namespace Aegis.Core.Plans;

/// <summary>Puts steps in topological order, stable by the order of the file, and knows for each what it
/// needs, near and far. Far needs are bit sets: 10,000 tasks take 12 MB for as long as a compilation
/// lasts.</summary>
internal sealed class TaskOrder
{
    private readonly ImmutableArray<StepDraft> steps;
    private readonly int[][] needs;
    private readonly ulong[]?[] reach;

    private TaskOrder(ImmutableArray<StepDraft> steps, int[][] needs)
    {
        this.steps = steps;
        this.needs = needs;
        reach = new ulong[steps.Length][];
    }

    /// <summary>Steps by position in the file, in the order in which they become tasks. Shorter than the
    /// steps where there is a cycle.</summary>
    public ImmutableArray<int> Order { get; private set; } = [];

    public ImmutableDictionary<string, int> PositionOf { get; private init; } =
        ImmutableDictionary<string, int>.Empty;

    public ReadOnlySpan<int> NeedsOf(int step) => needs[step];

    /// <summary>Whether a step needs another one, directly or through others. Only after <see
    /// cref="Order"/>.</summary>
    public bool Reaches(int step, int needed) =>
        reach[step] is { } bits && (bits[needed >> 6] & (1UL << (needed & 63))) != 0;

    /// <param name="outside">Ids that may be needed and stand elsewhere: they have ended already.</param>
    public static TaskOrder Make(ImmutableArray<StepDraft> steps, DiagnosticList diagnostics,
        ImmutableHashSet<string> outside)
    {
        var positions = Positions(steps, diagnostics);
        var needs = new int[steps.Length][];
        for (var i = 0; i < steps.Length; i++)
        {
            needs[i] = Resolve(steps, i, positions, diagnostics, outside);
        }
        var order = new TaskOrder(steps, needs) { PositionOf = positions };
        order.Sort(diagnostics);
        return order;
    }

    private static ImmutableDictionary<string, int> Positions(ImmutableArray<StepDraft> steps,
        DiagnosticList diagnostics)
    {
        var positions = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < steps.Length; i++)
        {
            var id = steps[i].Id;
            if (id.Length > 0 && !positions.TryAdd(id, i))
            {
                var first = steps[positions[id]];
                diagnostics.Add(steps[i].IdNode, "AEGIS1021", $"two steps have the id {id}",
                    "ids that differ in more than case", $"{first.Id} on line {first.IdNode.Line}",
                    "rename one of them");
            }
        }
        return positions.ToImmutable();
    }

    private static int[] Resolve(ImmutableArray<StepDraft> steps, int at,
        ImmutableDictionary<string, int> positions, DiagnosticList diagnostics,
        ImmutableHashSet<string> outside)
    {
        if (steps[at].Needs is not { } written)
        {
            return at == 0 ? [] : [at - 1];
        }
        var found = new SortedSet<int>();
        foreach (var need in written)
        {
            if (positions.TryGetValue(need.Id, out var position) && steps[position].Id == need.Id)
            {
                found.Add(position);
                continue;
            }
            if (outside.Contains(need.Id))
            {
                continue;
            }
            diagnostics.Add(need.Node, "AEGIS1022", $"there is no step {ValueReader.Shown(need.Id)}",
                "a step's id", ValueReader.Shown(need.Id), diagnostics.DidYouMean(need.Id, positions.Keys));
        }
        return [.. found];
    }

    private void Sort(DiagnosticList diagnostics)
    {
        var waiting = needs.Select(n => n.Length).ToArray();
        var followers = new List<int>[steps.Length];
        for (var i = 0; i < steps.Length; i++)
        {
            foreach (var need in needs[i])
            {
                (followers[need] ??= []).Add(i);
            }
        }
        var ready = new PriorityQueue<int, int>(
            Enumerable.Range(0, steps.Length).Where(i => waiting[i] == 0).Select(i => (i, i)));
        var order = ImmutableArray.CreateBuilder<int>(steps.Length);
        while (ready.TryDequeue(out var step, out _))
        {
            order.Add(step);
            Gather(step);
            foreach (var follower in followers[step] ?? [])
            {
                if (--waiting[follower] == 0)
                {
                    ready.Enqueue(follower, follower);
                }
            }
        }
        Order = order.ToImmutable();
        if (order.Count < steps.Length)
        {
            ReportCycles(waiting, diagnostics);
        }
    }

    private void Gather(int step)
    {
        var bits = new ulong[(steps.Length + 63) / 64];
        foreach (var need in needs[step])
        {
            var below = reach[need]!;
            for (var i = 0; i < bits.Length; i++)
            {
                bits[i] |= below[i];
            }
            bits[need >> 6] |= 1UL << (need & 63);
        }
        reach[step] = bits;
    }

    /// <summary>Names each cycle once: from any step that still waits, following needs that wait comes back
    /// to itself.</summary>
    private void ReportCycles(int[] waiting, DiagnosticList diagnostics)
    {
        var walk = new int[steps.Length];
        for (var start = 0; start < steps.Length; start++)
        {
            if (waiting[start] == 0 || walk[start] != 0)
            {
                continue;
            }
            var path = new List<int>();
            var at = start;
            while (walk[at] == 0)
            {
                walk[at] = start + 1;
                path.Add(at);
                at = needs[at].First(n => waiting[n] > 0);
            }
            if (walk[at] == start + 1)
            {
                Report([.. path.SkipWhile(p => p != at), at], diagnostics);
            }
        }
    }

    private void Report(List<int> cycle, DiagnosticList diagnostics)
    {
        var shown = cycle.Count <= 20
            ? cycle.Select(i => steps[i].Id)
            : cycle.Take(10).Select(i => steps[i].Id).Append("…")
            .Concat(cycle.TakeLast(9).Select(i => steps[i].Id));
        var implied = cycle.SkipLast(1).FirstOrDefault(i => steps[i].Needs is null, -1);
        diagnostics.Add(steps[cycle[0]].Node["needs"] ?? steps[cycle[0]].IdNode, "AEGIS1023",
            "steps need each other in a circle", "no step that needs itself",
            string.Join(" → ", shown), implied < 0
                ? "remove one of these needs"
                : $"{steps[implied].Id} has no needs, so it needs the step above; write needs: [] there");
    }
}
