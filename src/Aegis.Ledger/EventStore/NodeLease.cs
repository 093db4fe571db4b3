using Npgsql;

namespace Aegis.Ledger.EventStore;

/// <summary>This server's life as a node: registered at start, renewed on database time, fenced by others
/// once it has run out. NodeKey is the epoch: it only grows.</summary>
public sealed class NodeLease : IAsyncDisposable
{
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the lease is renewed and dead nodes are looked for.</summary>
    public static TimeSpan RenewEvery { get; } = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource engine;
    private readonly string homeId;

    private NodeLease(NpgsqlDataSource engine, string homeId, long nodeKey)
    {
        this.engine = engine;
        this.homeId = homeId;
        NodeKey = nodeKey;
    }

    public long NodeKey { get; }

    public static async Task<NodeLease> TakeAsync(
        NpgsqlDataSource engine, string homeId, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("nodes.register"));
        command.Parameters.AddWithValue(homeId);
        command.Parameters.AddWithValue((int)Length.TotalSeconds);
        return new NodeLease(engine, homeId, (long)(await command.ExecuteScalarAsync(cancel))!);
    }

    /// <returns>False when this node has been fenced.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("nodes.renew"));
        command.Parameters.AddWithValue(NodeKey);
        command.Parameters.AddWithValue((int)Length.TotalSeconds);
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Fences earlier servers of this home (its lock is held here) and nodes whose lease has run
    /// out.</summary>
    public async Task<int> FenceDeadAsync(CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("nodes.fence_dead"));
        command.Parameters.AddWithValue(NodeKey);
        command.Parameters.AddWithValue(homeId);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Gives the lease back, so that another node need not wait for it to run out.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var command = engine.CreateCommand(Sql.Get("nodes.retire"));
            command.Parameters.AddWithValue(NodeKey);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // the lease runs out by itself
        }
    }
}
