using Aegis.Core;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.EventStore;

/// <summary>Which streams there are and whose they are.</summary>
public sealed class StreamDirectory(NpgsqlDataSource engine)
{
    private const int KeyBlock = 1000;
    private readonly Lock gate = new();
    private long nextKey;
    private long endKey;

    /// <summary>A key for a new stream; one round trip per thousand.</summary>
    public long NewKey()
    {
        lock (gate)
        {
            if (nextKey == endKey)
            {
                using var command = engine.CreateCommand(Sql.Get("streams.key_block"));
                nextKey = (long)command.ExecuteScalar()!;
                endKey = nextKey + KeyBlock;
            }
            return nextKey++;
        }
    }

    public async Task<long?> FindAsync(TenancyKeys keys, string streamId, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("streams.find"));
        command.Parameters.AddWithValue(keys.Tenant);
        command.Parameters.AddWithValue(keys.Project);
        command.Parameters.AddWithValue(streamId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? reader.GetInt64(0) : null;
    }

    /// <summary>Whether a stream has ended; null where there is none.</summary>
    public async Task<bool?> IsClosedAsync(TenancyKeys keys, string streamId, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("streams.find"));
        command.Parameters.AddWithValue(keys.Tenant);
        command.Parameters.AddWithValue(keys.Project);
        command.Parameters.AddWithValue(streamId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? reader.GetBoolean(2) : null;
    }

    /// <summary>Takes over the open streams of fenced nodes.</summary>
    public async Task<IReadOnlyList<StreamRow>> ClaimAsync(long nodeKey, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("streams.claim"));
        command.Parameters.AddWithValue(nodeKey);
        return await RowsAsync(command, cancel);
    }

    /// <summary>A page of all streams in key order, for rebuilding projections.</summary>
    public async Task<IReadOnlyList<StreamRow>> PageAsync(long afterKey, int max, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("streams.all"));
        command.Parameters.AddWithValue(afterKey);
        command.Parameters.AddWithValue(max);
        return await RowsAsync(command, cancel);
    }

    private static async Task<IReadOnlyList<StreamRow>> RowsAsync(
        NpgsqlCommand command, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<StreamRow>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new StreamRow(
                reader.GetInt64(0), new TenancyKeys(reader.GetInt32(1), reader.GetInt32(2)),
                new Tenancy(reader.GetString(4), reader.GetString(5)), reader.GetString(3)));
        }
        return rows;
    }
}
