using Npgsql;

namespace Aegis.Ledger;

/// <summary>One transaction as role engine, across tenants.</summary>
internal sealed class EngineSession : IAsyncDisposable, ICommandSource
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private EngineSession(NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (this.connection, this.transaction) = (connection, transaction);

    public static async Task<EngineSession> OpenAsync(LedgerDatabase database, CancellationToken cancel)
    {
        var connection = await database.Source(LedgerRole.Engine).OpenConnectionAsync(cancel);
        try
        {
            return new EngineSession(connection, await connection.BeginTransactionAsync(cancel));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A command of this transaction for one of the named queries.</summary>
    public NpgsqlCommand Command(string query, params ReadOnlySpan<object?> parameters)
    {
        var command = new NpgsqlCommand(Sql.Get(query), connection, transaction);
        foreach (var value in parameters)
        {
            command.Parameters.Add(
                value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
        return command;
    }

    /// <summary>Several commands of this transaction in one round trip.</summary>
    public NpgsqlBatch Batch() => new(connection, transaction);

    public async Task<int> ExecuteAsync(string query, CancellationToken cancel, params object?[] parameters)
    {
        await using var command = Command(query, parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    public Task CommitAsync(CancellationToken cancel) => transaction.CommitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
