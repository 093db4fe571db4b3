using Aegis.Ledger.Idempotency;

namespace Aegis.Ledger.Triggers;

/// <summary>Removes what is older than it is kept, as role engine.</summary>
public sealed class TriggerRetention(LedgerDatabase database)
{
    /// <summary>Deliveries, in and out, that have ended.</summary>
    public const int DeliveryDaysMax = 30;

    /// <summary>Starts that have ended; a run longer than this wakes no workflow_completed.</summary>
    public const int StartDaysMax = 90;

    /// <returns>How many rows went.</returns>
    public async Task<int> PruneAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var gone = await session.ExecuteAsync("hooks.prune", cancel, DeliveryDaysMax)
            + await session.ExecuteAsync("deliveries.prune", cancel, DeliveryDaysMax)
            + await session.ExecuteAsync("starts.prune", cancel, StartDaysMax)
            + await session.ExecuteAsync("idempotency.prune", cancel, IdempotencyTable.HoursMax);
        await session.CommitAsync(cancel);
        return gone;
    }
}
