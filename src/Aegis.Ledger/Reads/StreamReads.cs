using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Reads;

/// <summary>Reads a stream in pages for doors: no connection is held between two pages, so a slow client
/// costs the ledger nothing.</summary>
public sealed class StreamReads(LedgerDatabase database)
{
    /// <summary>A page ends after the event that passes this many payload bytes.</summary>
    public const int PageBytes = 256 * 1024;

    /// <summary>Events after a version; null where this project has no such stream.</summary>
    public async Task<EventPage?> PageAsync(TenancyKeys keys, string streamId, int after, int limit,
        CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        // the end is looked at first: whatever is committed between the two looks is on a later page
        if (await StreamAsync(session, keys, streamId, cancel) is not { } stream)
        {
            return null;
        }
        await using var command = session.Command(
            "reads.events", stream.Key, keys.Tenant, keys.Project, after, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var events = new List<EventListing>();
        long bytes = 0;
        while (await reader.ReadAsync(cancel))
        {
            var payload = reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3);
            events.Add(new EventListing(reader.GetInt32(0), reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2), payload));
            bytes += payload?.Length ?? 0;
            if (bytes >= PageBytes)
            {
                return new EventPage(events, stream.Ended, More: true);
            }
        }
        return new EventPage(events, stream.Ended, More: events.Count == limit);
    }

    /// <summary>True while the database answers.</summary>
    public async Task PingAsync(CancellationToken cancel)
    {
        await using var command = database.Source(LedgerRole.App).CreateCommand(Sql.Get("reads.ping"));
        await command.ExecuteScalarAsync(cancel);
    }

    private static async Task<(long Key, bool Ended)?> StreamAsync(ProjectSession session, TenancyKeys keys,
        string streamId, CancellationToken cancel)
    {
        await using var command = session.Command("reads.stream", keys.Tenant, keys.Project, streamId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? (reader.GetInt64(0), reader.GetBoolean(1)) : null;
    }
}
