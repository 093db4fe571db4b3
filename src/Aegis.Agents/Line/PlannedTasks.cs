using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Agents.Contracts;

namespace Aegis.Agents.Line;

/// <summary>The tasks of a plan that fits its contract: ids are unique, and needs have no circle.</summary>
internal sealed class PlannedTasks
{
    private readonly Dictionary<string, (JsonElement Task, ImmutableArray<string> Needs)> byId;

    private PlannedTasks(JsonElement plan)
    {
        All = [.. plan.GetProperty("tasks").EnumerateArray()];
        byId = All.ToDictionary(IdOf, t => (t, Texts(t, "needs")), StringComparer.Ordinal);
    }

    /// <summary>In the plan's order.</summary>
    public ImmutableArray<JsonElement> All { get; }

    public static PlannedTasks? Read(JsonElement plan, out ImmutableArray<string> wrong)
    {
        var bound = ReplyContract.All[nameof(PlanProposal)].Bind(plan);
        wrong = bound.Errors;
        return bound.Json is { } json ? new PlannedTasks(json) : null;
    }

    public static string IdOf(JsonElement task) => task.GetProperty("id").GetString()!;

    public JsonElement? Find(string id) => byId.TryGetValue(id, out var task) ? task.Task : null;

    public ImmutableArray<string> NeedsOf(string id) => byId[id].Needs;

    /// <summary>Tasks whose own needs name it.</summary>
    public IEnumerable<JsonElement> NeededBy(string id) => All.Where(t => NeedsOf(IdOf(t)).Contains(id));

    /// <summary>Everything that it needs, near or far.</summary>
    public HashSet<string> Above(string id) => Reach(id, i => NeedsOf(i));

    /// <summary>Everything that needs it, near or far.</summary>
    public HashSet<string> Below(string id) => Reach(id, i => NeededBy(i).Select(IdOf));

    /// <summary>Each behind those that it needs.</summary>
    public List<string> Order()
    {
        var done = new List<string>();
        while (done.Count < byId.Count)
        {
            done.AddRange(byId.Where(t => !done.Contains(t.Key) && t.Value.Needs.All(done.Contains))
                .Select(t => t.Key).ToList());
        }
        return done;
    }

    private static HashSet<string> Reach(string id, Func<string, IEnumerable<string>> step)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(step(id));
        while (open.TryPop(out var next))
        {
            if (found.Add(next))
            {
                foreach (var further in step(next))
                {
                    open.Push(further);
                }
            }
        }
        return found;
    }

    private static ImmutableArray<string> Texts(JsonElement task, string member) =>
        [.. task.GetProperty(member).EnumerateArray().Select(n => n.GetString()!).Distinct()];
}
