using System.Collections.Immutable;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;
using Npgsql;

namespace Aegis.Ledger.Webhooks;

/// <summary>A project's webhooks and their deliveries, as role app.</summary>
public sealed class WebhookStore(LedgerDatabase database)
{
    public const int WebhooksMax = 50;

    public async Task<Webhook> AddAsync(TenancyKeys keys, string id, string url,
        ImmutableArray<string> events,
        string secretName, string actor, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var hold = session.Command("webhooks.lock", keys.Tenant, keys.Project))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        await using (var count = session.Command("webhooks.count", keys.Tenant, keys.Project))
        {
            if ((int)(await count.ExecuteScalarAsync(cancel))! >= WebhooksMax)
            {
                throw TriggerErrors.TooManyWebhooks(WebhooksMax);
            }
        }
        await using var add = session.Command("webhooks.add", keys.Tenant, keys.Project, id, url,
            events.ToArray(), secretName, actor);
        var made = (await ReadAsync(add, Hook, cancel))[0];
        await session.CommitAsync(cancel);
        return made;
    }

    /// <summary>The oldest first.</summary>
    public Task<List<Webhook>> ListAsync(TenancyKeys keys, CancellationToken cancel,
        PageCursor? after = null, int limit = int.MaxValue) =>
        InProjectAsync(keys, "webhooks.list", Hook, cancel, after?.At, after?.Id, limit);

    public async Task<Webhook?> FindAsync(TenancyKeys keys, string id, CancellationToken cancel) =>
        (await InProjectAsync(keys, "webhooks.find", Hook, cancel, id)).FirstOrDefault();

    public async Task<Webhook?> EnableAsync(TenancyKeys keys, string id, bool on, CancellationToken cancel) =>
        (await InProjectAsync(keys, "webhooks.enable", Hook, cancel, id, on)).FirstOrDefault();

    /// <summary>Its deliveries go with it; false where there is none.</summary>
    public async Task<bool> DeleteAsync(TenancyKeys keys, string id, CancellationToken cancel,
        StoredCheck<Webhook>? check = null)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (check is not null)
        {
            await using var hold = session.Command("webhooks.hold", keys.Tenant, keys.Project, id);
            if ((await ReadAsync(hold, Hook, cancel)).FirstOrDefault() is not { } stored)
            {
                return false;
            }
            check(stored);
        }
        await using var delete = session.Command("webhooks.delete", keys.Tenant, keys.Project, id);
        var gone = await delete.ExecuteNonQueryAsync(cancel) == 1;
        await session.CommitAsync(cancel);
        return gone;
    }

    /// <summary>The newest first.</summary>
    public Task<List<WebhookDelivery>> DeliveriesAsync(
        TenancyKeys keys, string id, string? status, int limit, CancellationToken cancel,
        PageCursor? after = null) =>
        InProjectAsync(
            keys, "deliveries.list", Delivery, cancel, id, status, after?.At, after?.Id, limit);

    public async Task<WebhookDelivery?> DeliveryAsync(
        TenancyKeys keys, string id, string delivery, CancellationToken cancel) =>
        (await InProjectAsync(keys, "deliveries.find", Delivery, cancel, id, delivery)).FirstOrDefault();

    /// <summary>Begins all tries anew; null where there is no such delivery that has ended.</summary>
    public async Task<WebhookDelivery?> RedeliverAsync(
        TenancyKeys keys, string id, string delivery, CancellationToken cancel) =>
        (await InProjectAsync(keys, "deliveries.again", Delivery, cancel, id, delivery)).FirstOrDefault();

    private static Webhook Hook(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1),
        [.. r.GetFieldValue<string[]>(2)], r.GetString(3), r.GetBoolean(4), r.GetString(5),
        r.GetFieldValue<DateTimeOffset>(6));

    private static WebhookDelivery Delivery(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1),
        r.GetString(2), r.GetString(3), r.GetInt32(4), r.GetFieldValue<DateTimeOffset>(5),
        r.IsDBNull(6) ? null : r.GetInt32(6), r.IsDBNull(7) ? null : r.GetString(7),
        r.GetFieldValue<DateTimeOffset>(8), r.GetFieldValue<DateTimeOffset>(9));

    private async Task<List<T>> InProjectAsync<T>(TenancyKeys keys, string query,
        Func<NpgsqlDataReader, T> read, CancellationToken cancel, params object?[] more)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command(query, [keys.Tenant, keys.Project, .. more]);
        var found = await ReadAsync(command, read, cancel);
        await session.CommitAsync(cancel);
        return found;
    }

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(read(reader));
        }
        return found;
    }
}
