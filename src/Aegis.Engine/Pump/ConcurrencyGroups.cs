using Aegis.Core;

namespace Aegis.Engine.Pump;

/// <summary>Runs of one group come one after the other, the newest of those that wait staying. Which runs are
/// in which group stands in their events; this is made again from the runs that are live.</summary>
public sealed class ConcurrencyGroups
{
    private readonly Lock gate = new();
    private readonly Dictionary<(Tenancy, string), List<string>> runs = [];

    /// <summary>Puts a run at the group's end.</summary>
    /// <returns>The runs before it, in order: the first one runs, the others wait.</returns>
    public IReadOnlyList<string> Join(Tenancy tenancy, string group, string runId)
    {
        lock (gate)
        {
            if (!runs.TryGetValue((tenancy, group), out var members))
            {
                runs[(tenancy, group)] = members = [];
            }
            var before = members.ToList();
            members.Add(runId);
            return before;
        }
    }

    /// <summary>Takes an ended run out.</summary>
    /// <returns>The run whose turn it is now; null where nobody's turn has come.</returns>
    public string? Leave(Tenancy tenancy, string group, string runId)
    {
        lock (gate)
        {
            if (!runs.TryGetValue((tenancy, group), out var members))
            {
                return null;
            }
            var first = members[0] == runId;
            members.Remove(runId);
            if (members.Count == 0)
            {
                runs.Remove((tenancy, group));
                return null;
            }
            return first ? members[0] : null;
        }
    }
}
