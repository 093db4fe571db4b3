using Aegis.Core;

namespace Aegis.Engine.Pump;

/// <summary>Who asks for or holds resources: a task of a run.</summary>
public readonly record struct LockOwner(Tenancy Tenancy, string RunId, int Index);

/// <summary>
/// Mutual exclusion by name within a project. A request takes all its names at once or waits; earlier
/// requests come first wherever they want a name in common, so nobody starves and nobody waits for each
/// other. What is held stands in the runs' events (LockGranted, ResourceReleased): this table is made again
/// from them.
/// </summary>
public sealed class ResourceLocks
{
    private readonly Lock gate = new();
    private readonly Dictionary<(Tenancy, string), LockOwner> held = [];
    private readonly LinkedList<Request> waiting = [];

    /// <summary>Grants by calling back, perhaps at once, once.</summary>
    public void Acquire(LockOwner owner, IReadOnlyList<string> names, Action granted)
    {
        lock (gate)
        {
            waiting.AddLast(new Request(owner, names, granted));
        }
        Grant();
    }

    /// <summary>Takes without asking what a run's events say that it holds.</summary>
    public void Restore(LockOwner owner, IEnumerable<string> names)
    {
        lock (gate)
        {
            foreach (var name in names)
            {
                held[(owner.Tenancy, name)] = owner;
            }
        }
    }

    /// <summary>Gives back everything of an owner, requests included.</summary>
    public void Release(LockOwner owner) => Release(o => o == owner);

    /// <summary>Gives back everything of a run.</summary>
    public void ReleaseRun(Tenancy tenancy, string runId) =>
        Release(o => o.Tenancy == tenancy && o.RunId == runId);

    private void Release(Predicate<LockOwner> of)
    {
        lock (gate)
        {
            foreach (var (name, owner) in held.ToList())
            {
                if (of(owner))
                {
                    held.Remove(name);
                }
            }
            for (var node = waiting.First; node is not null;)
            {
                var next = node.Next;
                if (of(node.Value.Owner))
                {
                    waiting.Remove(node);
                }
                node = next;
            }
        }
        Grant();
    }

    private void Grant()
    {
        while (Next() is { } request)
        {
            request.Granted();
        }
    }

    private Request? Next()
    {
        lock (gate)
        {
            var wanted = new HashSet<(Tenancy, string)>();
            for (var node = waiting.First; node is not null; node = node.Next)
            {
                var request = node.Value;
                var names = request.Names.Select(n => (request.Owner.Tenancy, n)).ToList();
                if (!names.Exists(n => wanted.Contains(n)
                    || (held.TryGetValue(n, out var owner) && owner != request.Owner)))
                {
                    waiting.Remove(node);
                    names.ForEach(n => held[n] = request.Owner);
                    return request;
                }
                wanted.UnionWith(names);
            }
            return null;
        }
    }

    private sealed record Request(LockOwner Owner, IReadOnlyList<string> Names, Action Granted);
}
