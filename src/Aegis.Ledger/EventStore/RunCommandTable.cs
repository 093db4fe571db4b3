using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.EventStore;

public sealed record RunCommandRow(long Id, long StreamKey, string Kind, byte[] Payload, string Actor);

/// <summary>The doors' requests to runs.</summary>
public sealed class RunCommandTable(NpgsqlDataSource engine, long nodeKey)
{
    /// <exception cref="Core.Errors.AegisException">Where there is no such run.</exception>
    public async Task<long> InsertAsync(
        TenancyKeys keys, string runId, string kind, byte[] payload, string actor,
        CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("commands.insert"));
        command.Parameters.AddWithValue(keys.Tenant);
        command.Parameters.AddWithValue(keys.Project);
        command.Parameters.AddWithValue(runId);
        command.Parameters.AddWithValue(kind);
        command.Parameters.AddWithValue(payload);
        command.Parameters.AddWithValue(actor);
        return (long?)await command.ExecuteScalarAsync(cancel)
            ?? throw new Core.Errors.AegisException(new Core.Errors.AegisError("AEGIS5021",
                $"there is no run {runId} in this project", Mend: "`aegis runs` lists them"));
    }

    public async Task<IReadOnlyList<RunCommandRow>> PendingAsync(CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("commands.pending"));
        command.Parameters.AddWithValue(nodeKey);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<RunCommandRow>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new RunCommandRow(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2),
                reader.GetFieldValue<byte[]>(3), reader.GetString(4)));
        }
        return rows;
    }

    public async Task DeleteAsync(IReadOnlyCollection<long> ids, CancellationToken cancel)
    {
        if (ids.Count == 0)
        {
            return;
        }
        await using var command = engine.CreateCommand(Sql.Get("commands.delete"));
        command.Parameters.AddWithValue(ids.ToArray());
        await command.ExecuteNonQueryAsync(cancel);
    }
}
