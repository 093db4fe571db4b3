using System.Collections.Immutable;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Locks;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Locks;

/// <summary>What a turn does for holders that are no runs. Each change stands beside its fact in the same
/// transaction.</summary>
internal sealed class OutsidePage(LockPage page, TenancyKeys keys, EngineSession session)
{
    public bool HasFacts { get; private set; }

    /// <summary>When the next of them loses what it holds.</summary>
    public TimeSpan? Due => page.Rows.Where(r => r.Fence is not null).Min(r => r.Outside?.Left);

    /// <summary>Takes away what was held for too long, and sends home who waited for too long.</summary>
    public async Task ExpireAsync(CancellationToken cancel)
    {
        foreach (var row in page.Rows.Where(r => r.Outside is not null).ToList())
        {
            var terms = row.Outside!;
            if (terms.Left <= TimeSpan.Zero)
            {
                await page.DropAsync(session, row.Entry.Owner, cancel);
                await AddAsync(new LeaseExpired(SecretFact.NewId(), row.Entry.Owner.RunId, terms.Holder,
                    row.Entry.Names, row.Fence!.Value), cancel);
            }
            else if (terms.Ends is { } reason)
            {
                await DenyAsync(row, reason, cancel);
            }
        }
    }

    public async Task<OutsideAnswer?> ApplyAsync(LockWish wish, CancellationToken cancel) => wish switch
    {
        LockWish.AskOutside ask => await AskAsync(ask, cancel),
        LockWish.Renew renew => await RenewAsync(renew, cancel),
        LockWish.ReleaseOutside release => await ReleaseAsync(release.Owner, release.Actor, cancel),
        LockWish.StopWaiting stop => await StopWaitingAsync(stop, cancel),
        _ => null,
    };

    public async Task GrantedAsync(LockRow row, CancellationToken cancel)
    {
        var held = row.Lock;
        await AddAsync(new LeaseGranted(SecretFact.NewId(), held.LockId, held.Holder, held.Names, held.Fence,
            held.ExpiresAt, row.Outside!.Actor), cancel);
    }

    private async Task<OutsideAnswer> AskAsync(LockWish.AskOutside wish, CancellationToken cancel)
    {
        var (entry, ask) = (wish.Entry, wish.Terms);
        if (page.Find(entry.Owner) is null)
        {
            if (page.Rows.Count(r => r.Outside is not null) >= LockTable.OutsideMax)
            {
                return new OutsideAnswer.Full();
            }
            await page.AskOutsideAsync(session, entry, ask, cancel);
        }
        // a turn that is made again after a fault finds the request there
        await page.GrantAsync(session, this, cancel);
        var row = page.Find(entry.Owner)!;
        return row.Fence is not null ? new OutsideAnswer.Granted(row.Lock)
            : ask.WaitSeconds > 0 ? new OutsideAnswer.Waits()
            : new OutsideAnswer.Denied(await DenyAsync(row, OutsideDenial.Held, cancel));
    }

    private async Task<OutsideAnswer> RenewAsync(LockWish.Renew wish, CancellationToken cancel)
    {
        if (page.Find(wish.Owner) is not { Fence: { } fence, Outside: { } terms } row)
        {
            return new OutsideAnswer.Gone();
        }
        await using (var renew = session.Command("locks.renew", row.Id, wish.TtlSeconds))
        await using (var reader = await renew.ExecuteReaderAsync(cancel))
        {
            await reader.ReadAsync(cancel);
            var ttl = reader.GetInt32(0);
            terms = terms with
            {
                TtlSeconds = ttl,
                ExpiresAt = reader.GetFieldValue<DateTimeOffset>(1),
                Left = TimeSpan.FromSeconds(ttl),
            };
        }
        row = page.Put(row with { Outside = terms });
        await AddAsync(new LeaseRenewed(SecretFact.NewId(), wish.Owner.RunId, fence,
            terms.ExpiresAt!.Value, wish.Actor), cancel);
        return new OutsideAnswer.Granted(row.Lock);
    }

    private async Task<OutsideAnswer> ReleaseAsync(LockOwner owner, string actor, CancellationToken cancel)
    {
        switch (page.Find(owner))
        {
            case null:
                return new OutsideAnswer.Gone();
            case { Fence: { } fence } row:
                await page.DropAsync(session, owner, cancel);
                await AddAsync(new LeaseReleased(
                    SecretFact.NewId(), owner.RunId, row.Entry.Names, fence, actor), cancel);
                return new OutsideAnswer.Granted(row.Lock);
            case { } row:
                return new OutsideAnswer.Denied(await DenyAsync(row, OutsideDenial.Withdrawn, cancel));
        }
    }

    private async Task<OutsideAnswer> StopWaitingAsync(LockWish.StopWaiting wish, CancellationToken cancel)
    {
        var reason = wish.HasLeft ? OutsideDenial.Left : OutsideDenial.TimedOut;
        switch (page.Find(wish.Entry.Owner))
        {
            case null:
                // its time was over before it said so
                return new OutsideAnswer.Denied(Denial(wish.Entry, reason));
            case { Fence: not null } row when !wish.HasLeft:
                return new OutsideAnswer.Granted(row.Lock);
            case { Fence: not null } row:
                return await ReleaseAsync(wish.Entry.Owner, row.Outside!.Actor, cancel);
            case { } row:
                return new OutsideAnswer.Denied(await DenyAsync(row, reason, cancel));
        }
    }

    private async Task<OutsideDenial> DenyAsync(LockRow row, string reason, CancellationToken cancel)
    {
        var denial = Denial(row.Entry, reason);
        await page.DropAsync(session, row.Entry.Owner, cancel);
        await AddAsync(new LeaseDenied(SecretFact.NewId(), row.Entry.Owner.RunId, row.Outside!.Holder,
            row.Entry.Names, reason,
            [.. denial.HeldBy.Select(h => h.LockId ?? h.RunId!).Distinct(StringComparer.Ordinal)],
            row.Outside.Actor), cancel);
        return denial;
    }

    private OutsideDenial Denial(LockEntry entry, string reason)
    {
        var holdings = from row in page.Rows
                       where row.Fence is not null && row.Entry.Owner != entry.Owner
                       from name in row.Entry.Names.Intersect(entry.Names, StringComparer.Ordinal)
                       orderby name
                       select HoldingOf(row, name);
        return new OutsideDenial(reason, [.. holdings], 1 + page.Before(entry));
    }

    private static LockHolding HoldingOf(LockRow row, string name) => row.Outside is { } terms
        ? new(name, row.GrantedAt, row.Entry.Owner.RunId, terms.Holder, null, null, terms.ExpiresAt)
        : new(name, row.GrantedAt, null, null, row.Entry.Owner.RunId, row.Entry.Owner.Index, null);

    private async Task AddAsync(RunEvent fact, CancellationToken cancel)
    {
        await SecretFact.AddToAsync(session, keys, SecretStream.Locks, fact, cancel);
        HasFacts = true;
    }
}
