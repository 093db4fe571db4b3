using System.Collections.Immutable;

namespace Aegis.Core.Runs.Locks;

/// <summary>Who asks for or holds resources: a task of a run, or a holder outside for a time.</summary>
/// <param name="RunId">Of a holder outside the id of its lock.</param>
/// <param name="Index">The task's; <see cref="OutsideIndex"/> of a holder outside.</param>
public readonly record struct LockOwner(Tenancy Tenancy, string RunId, int Index)
{
    public const int OutsideIndex = -1;

    public bool IsOutside => Index == OutsideIndex;

    public static LockOwner Outside(Tenancy tenancy, string lockId) => new(tenancy, lockId, OutsideIndex);
}

/// <summary>A request that could never be granted.</summary>
/// <param name="Name">What is asked for in vain.</param>
/// <param name="Holder">Who holds it, or waits for it first; it ends after the one that asks.</param>
public sealed record LockStandstill(string Name, LockOwner Holder);

/// <summary>A place in the queue of a project.</summary>
/// <param name="Above">The tasks that end after this one, because they stand on its run or added its
/// step.</param>
public sealed record LockEntry(
    LockOwner Owner, ImmutableArray<string> Names, ImmutableArray<LockOwner> Above);

/// <summary>
/// Mutual exclusion by name within a project. A request takes all its names at once or waits; earlier
/// requests come first wherever they want a name in common, so nobody starves and nobody waits for each
/// other.
/// A task that stands on a run (or has added steps) keeps what it holds until those below it have ended, so
/// one of them that waits for it waits for ever: such a request is refused when it is made, also where the
/// circle leads over other runs. Rejected: letting those below in. "No two tasks at once" would then need an
/// order among them as well, and the author has a plain way out: take the lock above or below, not in both.
/// Pure: what it stands on is read before, and what it grants is written after, by whoever holds the
/// project's turn.
/// </summary>
public sealed class LockBook
{
    private readonly Dictionary<string, LockOwner> held = new(StringComparer.Ordinal);
    private readonly List<LockEntry> waiting = [];

    /// <summary>What is asked for and not granted yet, the first first.</summary>
    public IReadOnlyList<LockEntry> Waiting => waiting;

    /// <summary>Stands in the book already, with what it holds.</summary>
    public void Hold(LockEntry entry)
    {
        foreach (var name in entry.Names)
        {
            held[name] = entry.Owner;
        }
    }

    /// <summary>Stands in the queue already.</summary>
    public void Wait(LockEntry entry) => waiting.Add(entry);

    /// <summary>Puts a request at the end of the queue; a standstill where it could never be
    /// granted.</summary>
    public LockStandstill? Ask(LockEntry entry)
    {
        if (!entry.Above.IsEmpty && StandstillOf(entry, entry, [], Before) is { } standstill)
        {
            return standstill;
        }
        waiting.Add(entry);
        return null;
    }

    /// <summary>Gives back everything of these owners, requests included.</summary>
    public void Drop(Predicate<LockOwner> of)
    {
        foreach (var name in held.Where(h => of(h.Value)).Select(h => h.Key).ToList())
        {
            held.Remove(name);
        }
        waiting.RemoveAll(entry => of(entry.Owner));
    }

    /// <summary>Grants what can be granted now, in order.</summary>
    public IEnumerable<LockEntry> Grant()
    {
        while (Next() is { } entry)
        {
            waiting.Remove(entry);
            Hold(entry);
            yield return entry;
        }
    }

    private LockEntry? Next()
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in waiting)
        {
            var free = !entry.Names.Any(n => held.TryGetValue(n, out var owner) && owner != entry.Owner);
            if (free && (!entry.Names.Any(wanted.Contains)
                || (!entry.Above.IsEmpty && !Before(entry).Any())))
            {
                return entry;
            }
            wanted.UnionWith(entry.Names);
        }
        return null;
    }

    /// <summary>Whether what a request waits for, at any remove, ends after the one that asks.</summary>
    /// <param name="before">The earlier requests that one gives way to.</param>
    private LockStandstill? StandstillOf(LockEntry entry, LockEntry asking, HashSet<LockOwner> seen,
        Func<LockEntry, IEnumerable<LockEntry>> before)
    {
        if (!seen.Add(entry.Owner))
        {
            return null;
        }
        bool Stands(LockEntry other) => StandstillOf(other, asking, seen, before) is not null;
        foreach (var name in entry.Names)
        {
            if (held.TryGetValue(name, out var holder) && holder != entry.Owner
                && (asking.Above.Contains(holder)
                    || waiting.Any(w => w.Above.Contains(holder) && Stands(w))))
            {
                return new LockStandstill(name, holder);
            }
        }
        return before(entry).FirstOrDefault(Stands) is { } first
            ? new LockStandstill(first.Names.First(entry.Names.Contains), first.Owner)
            : null;
    }

    /// <summary>The earlier requests that a request gives way to: of those with a name in common the ones
    /// that can be granted before it, so none that waits for a task above it.</summary>
    private IEnumerable<LockEntry> Before(LockEntry entry) => Earlier(entry)
        .Where(w => entry.Above.IsEmpty || StandstillOf(w, entry, [], Earlier) is null);

    private IEnumerable<LockEntry> Earlier(LockEntry entry) => waiting
        .TakeWhile(w => w.Owner != entry.Owner).Where(w => w.Names.Any(entry.Names.Contains));
}
