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

    public IReadOnlyCollection<LockRow> Rows => rows.Values;

    public LockVerdicts Verdicts => new(granted, denied);

    public LockRow? Find(LockOwner owner) => rows.GetValueOrDefault(owner);

    public LockRow Put(LockRow row) => rows[row.Entry.Owner] = row;

    /// <summary>How many earlier requests want a name of this one.</summary>
    public int Before(LockEntry entry) => book.Waiting
        .TakeWhile(w => w.Owner != entry.Owner).Count(w => w.Names.Any(entry.Names.Contains));

    /// <summary>Does what a task or run wishes.</summary>
    public Task ApplyAsync(EngineSession session, LockWish wish, CancellationToken cancel) => wish switch
    {
        LockWish.Ask ask => AskAsync(session, ask.Entry, cancel),
        LockWish.Release release => DropAsync(session, release.Owner, cancel),
        LockWish.ReleaseRun run => DropAsync(session, o => o.RunId == run.RunId, cancel),
        LockWish.TakeOver over => TakeOverAsync(session, over, cancel),
        _ => Task.CompletedTask,
    };

    /// <summary>Grants what can be granted now, in order.</summary>
    public async Task GrantAsync(EngineSession session, OutsidePage outside, CancellationToken cancel)
    {
        foreach (var entry in book.Grant().ToList())
        {
            var row = await FenceAsync(session, rows[entry.Owner], cancel);
            if (row.Outside is not null)
            {
                await outside.GrantedAsync(row, cancel);
            }
            if (row.Mine)
            {
                granted.Add(GrantOf(row));
            }
        }
    }

    public Task DropAsync(EngineSession session, LockOwner owner, CancellationToken cancel) =>
        DropAsync(session, o => o == owner, cancel);

    /// <summary>Puts a request of a holder outside at the end of the queue.</summary>
    public async Task AskOutsideAsync(
        EngineSession session, LockEntry entry, OutsideAsk ask, CancellationToken cancel)
    {
        book.Ask(entry);
        await using var insert = session.Command("locks.ask_outside", keys.Tenant, keys.Project,
            entry.Owner.RunId, entry.Names.ToArray(), node, ask.Holder, ask.Actor, ask.TtlSeconds,
            ask.WaitSeconds);
        Put(new LockRow((long)(await insert.ExecuteScalarAsync(cancel))!, entry, null, Mine: true)
        {
            Outside = new OutsideTerms(ask.Holder, ask.Actor, ask.TtlSeconds),
        });
    }

    private async Task AskAsync(EngineSession session, LockEntry entry, CancellationToken cancel)
    {
        if (rows.TryGetValue(entry.Owner, out var there))
        {
            if (there.Entry.Names.SequenceEqual(entry.Names))
            {
                // asked again: the place in the queue is kept, and a grant is told again
                if (there.Fence is not null)
                {
                    granted.Add(GrantOf(there));
                }
                return;
            }
            await DropAsync(session, entry.Owner, cancel);
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
            await FenceAsync(session, rows[entry.Owner], cancel);
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

    private async Task<LockRow> FenceAsync(EngineSession session, LockRow row, CancellationToken cancel)
    {
        await using var grant = session.Command("locks.grant", row.Id, node);
        await using var reader = await grant.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return Put(row with
        {
            Fence = reader.GetInt64(0),
            GrantedAt = reader.GetFieldValue<DateTimeOffset>(1),
            Outside = row.Outside is not { } terms ? null : terms with
            {
                ExpiresAt = reader.GetFieldValue<DateTimeOffset>(2),
                Left = TimeSpan.FromSeconds(terms.TtlSeconds),
            },
        });
    }

    private static LockGrant GrantOf(LockRow row) => new(
        row.Entry.Owner, row.Entry.Names, row.Fence!.Value, row.GrantedAt, row.Outside?.ExpiresAt);
}
