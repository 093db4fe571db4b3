using System.Collections.Immutable;
using Aegis.Core;

namespace Aegis.Engine.Pump;

/// <summary>Who asks for or holds resources: a task of a run.</summary>
public readonly record struct LockOwner(Tenancy Tenancy, string RunId, int Index);

/// <summary>A request that could never be granted.</summary>
/// <param name="Name">What is asked for in vain.</param>
/// <param name="Holder">Who holds it, or waits for it first; it ends after the one that asks.</param>
public sealed record LockStandstill(string Name, LockOwner Holder);

/// <summary>
/// Mutual exclusion by name within a project. A request takes all its names at once or waits; earlier
/// requests come first wherever they want a name in common, so nobody starves and nobody waits for each
/// other. What is held stands in the runs' events (LockGranted, ResourceReleased): this table is made again
/// from them.
/// A task that stands on a run (or has added steps) keeps what it holds until those below it have ended, so
/// one of them that waits for it waits for ever: such a request is refused when it is made, also where the
/// circle leads over other runs. Rejected: letting those below in. "No two tasks at once" would then need an
/// order among them as well, and the author has a plain way out: take the lock above or below, not in both.
/// </summary>
public sealed class ResourceLocks
{
    private readonly Lock gate = new();
    private readonly Dictionary<(Tenancy, string), LockOwner> held = [];
    private readonly LinkedList<Request> waiting = [];

    /// <summary>Grants by calling back, perhaps at once, once; never where it answers with a
    /// standstill.</summary>
    /// <param name="above">The tasks that end after this one, because they stand on its run or added its
    /// step.</param>
    public LockStandstill? Acquire(LockOwner owner, IReadOnlyList<string> names,
        ImmutableArray<LockOwner> above, Action granted)
    {
        lock (gate)
        {
            var request = new Request(owner, names, above, granted);
            if (!above.IsEmpty && StandstillOf(request, request, [], Before) is { } standstill)
            {
                return standstill;
            }
            waiting.AddLast(request);
        }
        Grant();
        return null;
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
                var names = request.Keys;
                if (!names.Exists(n => held.TryGetValue(n, out var owner) && owner != request.Owner)
                    && (!names.Exists(wanted.Contains)
                        || (!request.Above.IsEmpty && !Before(request).Any())))
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

    /// <summary>Whether what a request waits for, at any remove, ends after the one that asks.</summary>
    /// <param name="before">The earlier requests that one gives way to.</param>
    private LockStandstill? StandstillOf(Request request, Request asking, HashSet<Request> seen,
        Func<Request, IEnumerable<Request>> before)
    {
        if (!seen.Add(request))
        {
            return null;
        }
        bool Stands(Request other) => StandstillOf(other, asking, seen, before) is not null;
        foreach (var name in request.Keys)
        {
            if (held.TryGetValue(name, out var holder) && holder != request.Owner
                && (asking.Above.Contains(holder)
                    || waiting.Any(w => w.Above.Contains(holder) && Stands(w))))
            {
                return new LockStandstill(name.Name, holder);
            }
        }
        return before(request).FirstOrDefault(Stands) is { } first
            ? new LockStandstill(first.Names.First(request.Names.Contains), first.Owner)
            : null;
    }

    /// <summary>The earlier requests that a request gives way to: of those with a name in common the ones
    /// that can be granted before it, so none that waits for a task above it.</summary>
    private IEnumerable<Request> Before(Request request) => Earlier(request)
        .Where(w => request.Above.IsEmpty || StandstillOf(w, request, [], Earlier) is null);

    private IEnumerable<Request> Earlier(Request request) => waiting.TakeWhile(w => w != request)
        .Where(w => w.Keys.Exists(request.Keys.Contains));

    private sealed class Request(
        LockOwner owner, IReadOnlyList<string> names, ImmutableArray<LockOwner> above, Action granted)
    {
        public LockOwner Owner => owner;

        public IReadOnlyList<string> Names => names;

        public ImmutableArray<LockOwner> Above => above;

        public Action Granted => granted;

        public List<(Tenancy Tenancy, string Name)> Keys { get; } =
            [.. names.Select(n => (owner.Tenancy, n))];
    }
}
