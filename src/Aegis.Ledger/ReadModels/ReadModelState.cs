using Npgsql;

namespace Aegis.Ledger.ReadModels;

/// <summary>Which version of the rows there is. The row is unlogged like the rest: gone after PostgreSQL's own
/// crash, which is how a rebuild is noticed.</summary>
public static class ReadModelState
{
    public static async Task<int?> VersionAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql.Get("read_models.version"), connection);
        return (int?)await command.ExecuteScalarAsync(cancel);
    }

    public static async Task SetVersionAsync(NpgsqlConnection connection, int version, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql.Get("read_models.set_version"), connection);
        command.Parameters.AddWithValue(version);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public static async Task ClearAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql.Get("read_models.clear"), connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
