using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Webhooks;

/// <summary>Deliveries that are due, as role engine. A try holds its row by a lease, not by a lock: it
/// may take as long as a slow receiver does.</summary>
public sealed class DeliveryTable(LedgerDatabase database)
{
    public const int ClaimMax = 16;

    /// <summary>A try that has not ended by then is another node's to make.</summary>
    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(60);

    public async Task<IReadOnlyList<DueDelivery>> ClaimAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var due = new List<DueDelivery>();
        await using (var command = session.Command("deliveries.claim", ClaimMax, Lease.TotalSeconds))
        await using (var r = await command.ExecuteReaderAsync(cancel))
        {
            while (await r.ReadAsync(cancel))
            {
                due.Add(new DueDelivery(new TenancyKeys(r.GetInt32(0), r.GetInt32(1)),
                    new Tenancy(r.GetString(2), r.GetString(3)), r.GetString(4), r.GetString(5),
                    r.GetString(6),
                    r.GetInt32(7), r.GetString(8), r.GetString(9), r.GetBoolean(10)));
            }
        }
        await session.CommitAsync(cancel);
        return due;
    }

    public async Task EndAsync(DueDelivery delivery, DeliveryResult result, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("deliveries.ended", cancel, delivery.Keys.Tenant, delivery.Keys.Project,
            delivery.DeliveryId, result.Status,
            new NpgsqlParameter
            {
                Value = (object?)result.ResponseCode ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer,
            },
            new NpgsqlParameter
            {
                Value = (object?)result.Error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text,
            },
            (result.Again ?? TimeSpan.Zero).TotalSeconds);
        await session.CommitAsync(cancel);
    }

    /// <summary>How long until the next try is due; null where none is.</summary>
    public Task<TimeSpan?> WaitAsync(CancellationToken cancel) =>
        DueTime.UntilAsync(database, "deliveries.wait", cancel);
}
