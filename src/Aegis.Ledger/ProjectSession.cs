using System.Data;
using Npgsql;

namespace Aegis.Ledger;

/// <summary>One transaction bound to a tenant, or to a tenant and a project. The settings die with the
/// transaction, so a pooled connection never carries one tenant's into another's.</summary>
public sealed class ProjectSession : IAsyncDisposable, ICommandSource
{
    private readonly NpgsqlTransaction _transaction;

    private ProjectSession(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        Connection = connection;
        _transaction = transaction;
    }

    public NpgsqlConnection Connection { get; }

    /// <summary>A command of this session for one of the named queries.</summary>
    public NpgsqlCommand Command(string query, params ReadOnlySpan<object?> parameters)
    {
        var command = new NpgsqlCommand(Sql.Get(query), Connection, _transaction);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
        return command;
    }

    public Task CommitAsync(CancellationToken cancel) => _transaction.CommitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }

    /// <summary>Connections that a network or a restart broke look whole until they are used. Nothing has
    /// happened yet here, so a broken one is no reason to refuse anybody: the pool forgets its idle ones, and
    /// a new one is asked once.</summary>
    internal static async Task<ProjectSession> OpenAsync(NpgsqlDataSource source, int tenantKey,
        int? projectKey, CancellationToken cancel)
    {
        try
        {
            return await BindAsync(source, tenantKey, projectKey, cancel);
        }
        catch (NpgsqlException)
        {
            source.Clear();
            return await BindAsync(source, tenantKey, projectKey, cancel);
        }
    }

    private static async Task<ProjectSession> BindAsync(NpgsqlDataSource source, int tenantKey,
        int? projectKey, CancellationToken cancel)
    {
        var connection = await source.OpenConnectionAsync(cancel);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
            var session = new ProjectSession(connection, transaction);
            await using var bind = session.Command("session.bind", $"{tenantKey}", $"{projectKey}");
            await bind.ExecuteNonQueryAsync(cancel);
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
