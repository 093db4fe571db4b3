using Npgsql;

namespace Aegis.Ledger.EventStore;

/// <summary>What other doors and nodes tell this one, so that nothing needs to be polled.</summary>
public sealed class NodeNotices(NpgsqlDataSource engine)
{
    /// <summary>A command was stored for some run.</summary>
    public const string Commands = "aegis_commands";

    /// <summary>A project has a newer profile; the payload is <c>tenant_key.project_key</c>.</summary>
    public const string Profiles = "aegis_profiles";

    /// <summary>Another node granted locks to a run of the node that the payload names.</summary>
    public const string Locks = "aegis_locks";

    /// <summary>Listens until cancelled; throws where the connection breaks.</summary>
    /// <param name="listening">Called once it listens: what came before must be looked up.</param>
    public async Task ListenAsync(
        Func<Task> listening, Func<string, string, Task> arrived, CancellationToken cancel)
    {
        await using var connection = await engine.OpenConnectionAsync(cancel);
        var waiting = new Queue<(string Channel, string Payload)>();
        connection.Notification += (_, notice) => waiting.Enqueue((notice.Channel, notice.Payload));
        await using (var listen = new NpgsqlCommand(Sql.Get("notices.listen"), connection))
        {
            await listen.ExecuteNonQueryAsync(cancel);
        }
        await listening();
        while (true)
        {
            await connection.WaitAsync(cancel);
            while (waiting.TryDequeue(out var notice))
            {
                await arrived(notice.Channel, notice.Payload);
            }
        }
    }
}
