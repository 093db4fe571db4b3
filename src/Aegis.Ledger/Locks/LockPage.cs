using Aegis.Core.Runs.Locks;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Locks;

/// <summary>A project's locks during one turn: the book, the rows behind it, and what it came
/// to.</summary>
internal sealed class LockPage
{
    private readonly TenancyKeys keys;
    private readonly long node;
    private readonly LockBook book = new();
    private readonly Dictionary<LockOwner, LockRow> rows;
    private readonly List<LockGrant> granted = [];
    private readonly List<LockDenial> denied = [];

    public LockPage(TenancyKeys keys, long node, List<LockRow> stored)
    {
        (this.keys, this.node) = (keys, node);
        rows = stored.ToDictionary(row => row.Entry.Owner);
        foreach (var row in stored)
        {
            Action<LockEntry> stand = row.Fence is null ? book.Wait : book.Hold;
            stand(row.Entry);
        }
    }

    public Task ApplyAsync(EngineSession session, LockWish wish, CancellationToken cancel) => wish switch
    {
        LockWish.Ask ask => AskAsync(session, ask.Entry, cancel),
        LockWish.Release release => DropAsync(session, o => o == release.Owner, cancel),
        LockWish.ReleaseRun run => DropAsync(session, o => o.RunId == run.RunId, cancel),
        LockWish.TakeOver over => TakeOverAsync(session, over, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(wish)),
    };

    public async Task<LockVerdicts> GrantAsync(EngineSession session, CancellationToken cancel)
    {
        foreach (var entry in book.Grant().ToList())
        {
            var row = rows[entry.Owner];
            var fence = await FenceAsync(session, row.Id, cancel);
            rows[entry.Owner] = row with { Fence = fence };
            if (row.Mine)
            {
                granted.Add(new LockGrant(entry.Owner, entry.Names, fence));
            }
        }
        return new LockVerdicts(granted, denied);
    }

    private async Task AskAsync(EngineSession session, LockEntry entry, CancellationToken cancel)
    {
        if (rows.TryGetValue(entry.Owner, out var there))
        {
            if (there.Entry.Names.SequenceEqual(entry.Names))
            {
                // asked again: the place in the queue is kept, and a grant is told again
                if (there.Fence is { } fence)
                {
                    granted.Add(new LockGrant(entry.Owner, entry.Names, fence));
                }
                return;
            }
            await DropAsync(session, o => o == entry.Owner, cancel);
        }
        if (book.Ask(entry) is { } standstill)
        {
            denied.Add(new LockDenial(entry, standstill));
            return;
        }
        await InsertAsync(session, entry, cancel);
    }

    private async Task TakeOverAsync(EngineSession session, LockWish.TakeOver over, CancellationToken cancel)
    {
        var held = over.Held.ToDictionary(entry => entry.Owner);
        await DropAsync(session, owner => owner.RunId == over.RunId && !held.ContainsKey(owner)
            && (rows[owner].Fence is not null || !over.Alive.Contains(owner.Index)), cancel);
        await session.ExecuteAsync("locks.take_over", cancel, keys.Tenant, keys.Project, over.RunId, node);
        foreach (var owner in rows.Keys.Where(owner => owner.RunId == over.RunId).ToList())
        {
            rows[owner] = rows[owner] with { Mine = true };
        }
        foreach (var entry in over.Held.Where(entry => !rows.ContainsKey(entry.Owner)))
        {
            // the events of an earlier server say so, which kept no rows
            await InsertAsync(session, entry, cancel);
            await FenceAsync(session, rows[entry.Owner].Id, cancel);
            book.Hold(entry);
        }
    }

    private async Task DropAsync(EngineSession session, Predicate<LockOwner> of, CancellationToken cancel)
    {
        var gone = rows.Keys.Where(owner => of(owner)).ToHashSet();
        if (gone.Count == 0)
        {
            return;
        }
        book.Drop(gone.Contains);
        await session.ExecuteAsync(
            "locks.drop", cancel, gone.Select(owner => rows[owner].Id).ToArray());
        foreach (var owner in gone)
        {
            rows.Remove(owner);
        }
    }

    private async Task InsertAsync(EngineSession session, LockEntry entry, CancellationToken cancel)
    {
        await using var ask = session.Command("locks.ask", keys.Tenant, keys.Project, entry.Owner.RunId,
            entry.Owner.Index, entry.Names.ToArray(), entry.Above.Select(LockTable.TextOf).ToArray(), node);
        var id = (long)(await ask.ExecuteScalarAsync(cancel))!;
        rows[entry.Owner] = new LockRow(id, entry, null, Mine: true);
    }

    private async Task<long> FenceAsync(EngineSession session, long id, CancellationToken cancel)
    {
        await using var grant = session.Command("locks.grant", id, node);
        return (long)(await grant.ExecuteScalarAsync(cancel))!;
    }
}
