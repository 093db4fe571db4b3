using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;

namespace Aegis.Gate.Policies;

/// <summary>
/// Quotas of a month, reserved before the act and settled after it. A node takes a block from the ledger and
/// counts within it in memory: most calls wait for nothing, and several nodes never give away more than there
/// is. What a reservation did not use goes back to the block; what is left at the end, to the ledger.
/// </summary>
public sealed class Quotas(QuotaTable table, TenantDirectory tenants, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Of a block, in calls or tokens; small quotas have blocks of a hundredth.</summary>
    public const long BlockMax = 100_000;

    /// <summary>Blocks held by a node at once.</summary>
    public const int HeldMax = 10_000;

    private readonly SemaphoreSlim turn = new(1);
    private readonly Dictionary<QuotaKey, long> left = [];

    /// <summary>Reserves from all of the quotas, or from none: then the refusal, AEGIS2508.</summary>
    public async ValueTask<AegisError?> ReserveAsync(
        Principal by, ImmutableArray<QuotaClaim> claims, long amount, CancellationToken cancel)
    {
        if (claims.IsEmpty)
        {
            return null;
        }
        var tenant = await TenantAsync(by, cancel);
        await turn.WaitAsync(cancel);
        try
        {
            foreach (var claim in claims)
            {
                if (!await HasAsync(Key(tenant, claim), claim, amount, cancel))
                {
                    return QuotaLeft.Spent(claim.Holder, claim.Quota, claim.Limit, amount);
                }
            }
            foreach (var claim in claims)
            {
                left[Key(tenant, claim)] -= amount;
            }
            return null;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>What is left of each now, and so what a reservation would say; nothing is reserved.</summary>
    public async ValueTask<ImmutableArray<QuotaLeft>> LeftAsync(
        Principal by, ImmutableArray<QuotaClaim> claims, long? wanted, CancellationToken cancel)
    {
        if (claims.IsEmpty)
        {
            return [];
        }
        var tenant = await TenantAsync(by, cancel);
        var found = ImmutableArray.CreateBuilder<QuotaLeft>();
        await turn.WaitAsync(cancel);
        try
        {
            foreach (var claim in claims)
            {
                var key = Key(tenant, claim);
                var free = Math.Max(0, claim.Limit - await table.UsedAsync(key, cancel));
                found.Add(new QuotaLeft(claim.Holder, claim.Quota, "month", claim.Limit,
                    left.GetValueOrDefault(key) + free, wanted));
            }
            return found.ToImmutable();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Puts back what a reservation did not use.</summary>
    public async ValueTask SettleAsync(Principal by, ImmutableArray<QuotaClaim> claims, long unused)
    {
        if (claims.IsEmpty || unused <= 0)
        {
            return;
        }
        var tenant = await TenantAsync(by, CancellationToken.None);
        await turn.WaitAsync();
        try
        {
            foreach (var claim in claims)
            {
                var key = Key(tenant, claim);
                left[key] = left.GetValueOrDefault(key) + unused;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        await GiveBackAsync(_ => true);
        turn.Dispose();
    }

    private async Task<bool> HasAsync(QuotaKey key, QuotaClaim claim, long amount, CancellationToken cancel)
    {
        var held = left.GetValueOrDefault(key);
        if (held >= amount)
        {
            return true;
        }
        if (left.Count >= HeldMax)
        {
            await GiveBackAsync(k => k != key);
        }
        var block = Math.Max(amount - held, Math.Clamp(claim.Limit / 100, 1, BlockMax));
        held += await table.TakeAsync(key, block, claim.Limit, cancel);
        left[key] = held;
        return held >= amount;
    }

    private async Task GiveBackAsync(Predicate<QuotaKey> which)
    {
        foreach (var (key, amount) in left.Where(l => which(l.Key)).ToList())
        {
            if (amount > 0)
            {
                await table.GiveBackAsync(key, amount, CancellationToken.None);
            }
            left.Remove(key);
        }
    }

    private async ValueTask<int> TenantAsync(Principal by, CancellationToken cancel) =>
        (await tenants.ResolveAsync(by.Tenancy, cancel))?.Tenant
            ?? throw new InvariantViolationException($"project {by.Tenancy} is gone");

    private QuotaKey Key(int tenant, QuotaClaim claim)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return new QuotaKey(tenant, claim.Holder, claim.Quota, new DateOnly(today.Year, today.Month, 1));
    }
}
