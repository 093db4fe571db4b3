using Npgsql;

namespace Aegis.Ledger.ReadModels;

/// <summary>The projections' tables. They are unlogged: after PostgreSQL's own crash they are empty, and so is the
/// row that holds their version, which is how a rebuild is noticed.</summary>
public sealed class ReadModelStore(NpgsqlDataSource engine)
{
    /// <summary>One transaction.</summary>
    public async Task WriteAsync(ReadModelBatch batch, CancellationToken cancel)
    {
        await using var connection = await engine.OpenConnectionAsync(cancel);
        await batch.WriteAsync(connection, cancel);
    }

    /// <summary>Which version of the rows there is; null where there are none.</summary>
    public async Task<int?> VersionAsync(CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("read_models.version"));
        return (int?)await command.ExecuteScalarAsync(cancel);
    }

    public async Task SetVersionAsync(int version, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("read_models.set_version"));
        command.Parameters.AddWithValue(version);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task ClearAsync(CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("read_models.clear"));
        await command.ExecuteNonQueryAsync(cancel);
    }
}
