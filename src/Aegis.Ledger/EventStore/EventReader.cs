using System.Runtime.CompilerServices;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.EventStore;

/// <summary>A stored event. Payload is null once erased.</summary>
public readonly record struct StoredEvent(
    int Version, string Type, DateTimeOffset At, byte[]? Payload, byte[] Hash);

/// <summary>An open stream and who it belongs to.</summary>
public sealed record StreamRow(long Key, TenancyKeys Keys, Core.Tenancy Tenancy, string StreamId);

/// <summary>Reads streams as the engine, in pages.</summary>
public sealed class EventReader(NpgsqlDataSource engine)
{
    public const int PageEvents = 1000;

    public async IAsyncEnumerable<StoredEvent> ReadAsync(long streamKey, int after,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var page = await PageAsync(streamKey, after, cancel);
            foreach (var e in page)
            {
                yield return e;
                after = e.Version;
            }
            if (page.Count < PageEvents)
            {
                yield break;
            }
        }
    }

    private async Task<List<StoredEvent>> PageAsync(long streamKey, int after, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("events.read"));
        command.Parameters.AddWithValue(streamKey);
        command.Parameters.AddWithValue(after);
        command.Parameters.AddWithValue(PageEvents);
        return await ReadAsync(command, cancel);
    }

    internal static async Task<List<StoredEvent>> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var page = new List<StoredEvent>();
        while (await reader.ReadAsync(cancel))
        {
            page.Add(new StoredEvent(reader.GetInt32(0), reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2), reader.IsDBNull(3) ? null
                    : reader.GetFieldValue<byte[]>(3),
                reader.GetFieldValue<byte[]>(4)));
        }
        return page;
    }
}
