namespace Aegis.Ledger.Tenants;

/// <summary>Whose quota of which month.</summary>
/// <param name="Holder">The tenant, one of its keys or one of its projects.</param>
/// <param name="Quota"><c>calls</c> or <c>tokens</c>.</param>
/// <param name="Month">Its first day, UTC.</param>
public readonly record struct QuotaKey(int Tenant, string Holder, string Quota, DateOnly Month);

/// <summary>What months' quotas have given away. However many nodes take at once, never more than the limit
/// goes out.</summary>
public sealed class QuotaTable(LedgerDatabase database)
{
    /// <summary>Takes what is left, at most what is wanted.</summary>
    public async Task<long> TakeAsync(QuotaKey key, long wanted, long limit, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await using var hold = session.Command("quotas.hold", Values(key));
        var granted = Math.Clamp(limit - (long)(await hold.ExecuteScalarAsync(cancel))!, 0, wanted);
        await session.ExecuteAsync("quotas.add", cancel, [.. Values(key), granted]);
        await session.CommitAsync(cancel);
        return granted;
    }

    /// <summary>What has been given away, to be used or in blocks of nodes.</summary>
    public async Task<long> UsedAsync(QuotaKey key, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await using var used = session.Command("quotas.used", Values(key));
        return await used.ExecuteScalarAsync(cancel) as long? ?? 0;
    }

    /// <summary>Gives back what was taken and not used.</summary>
    public async Task GiveBackAsync(QuotaKey key, long amount, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("quotas.add", cancel, [.. Values(key), -amount]);
        await session.CommitAsync(cancel);
    }

    private static object[] Values(QuotaKey key) => [key.Tenant, key.Holder, key.Quota, key.Month];
}
