using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Triggers;

public enum HookOutcome
{
    Accepted,

    /// <summary>This delivery was here before; nothing was started by it now.</summary>
    Duplicate,

    /// <summary>Too many starts of the project wait already; the sender may try again.</summary>
    Full,
}

/// <summary>Deliveries that come in, as role app: a delivery and the starts that it causes are one
/// transaction, so that a kill in between leaves both or neither.</summary>
public sealed class HookTable(LedgerDatabase database)
{
    public async Task<HookOutcome> AcceptAsync(TenancyKeys keys, string hook, string delivery,
        IReadOnlyList<NewStart> starts, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var remember = session.Command(
            "hooks.remember", keys.Tenant, keys.Project, hook, delivery))
        {
            if (await remember.ExecuteNonQueryAsync(cancel) == 0)
            {
                return HookOutcome.Duplicate;
            }
        }
        await using (var count = session.Command(
            "starts.pending_count", keys.Tenant, keys.Project, NewStart.PendingMax))
        {
            if ((int)(await count.ExecuteScalarAsync(cancel))! + starts.Count > NewStart.PendingMax)
            {
                return HookOutcome.Full;
            }
        }
        foreach (var start in starts)
        {
            await using var add = session.Command("starts.add");
            add.Parameters.AddRange(start.Parameters(keys));
            await add.ExecuteNonQueryAsync(cancel);
        }
        await session.CommitAsync(cancel);
        return HookOutcome.Accepted;
    }
}
