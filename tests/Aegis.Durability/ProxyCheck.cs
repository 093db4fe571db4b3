using Aegis.Durability.Cluster;
using Aegis.Durability.Proxy;
using Npgsql;

namespace Aegis.Durability;

/// <summary>The proxy's own checks, against a real PostgreSQL with the product's append statement: a judge
/// that misreads the wire would pass everything.</summary>
internal static class ProxyCheck
{
    private const string Tables = """
        CREATE TABLE nodes (node_key bigint PRIMARY KEY, fenced_at timestamptz);
        INSERT INTO nodes VALUES (7, NULL);
        CREATE TABLE events (stream_key bigint, version int, tenant_key int, project_key int, at timestamptz,
          type text, salt bytea, payload bytea, hash bytea, PRIMARY KEY (stream_key, version));
        """;

    public static async Task<int> RunAsync()
    {
        var root = Places.NewFolder();
        var failed = 0;
        try
        {
            await using var cluster = new PrivateCluster(root, Places.PostgresBinaries());
            await cluster.CreateAsync();
            await using var proxy = new PostgresProxy(Path.Combine(root, "px"), cluster.SocketDirectory);
            await using var direct = NpgsqlDataSource.Create(Url(cluster.SocketDirectory, "judge"));
            await using (var tables = direct.CreateCommand(Tables))
            {
                await tables.ExecuteNonQueryAsync();
            }
            (string Name, Func<PostgresProxy, PrivateCluster, NpgsqlDataSource, Task<bool>> Check)[] checks =
            [
                ("reads events of new and of prepared statements", ReadsAsync),
                ("other connections pass unread", PassesAsync),
                ("before forwarding: nothing is stored",
                    (p, c, d) => DropAsync(p, d, Moment.BeforeForward, 0)),
                ("before the answer: it is stored, the client does not know", (p, c, d) =>
                    DropAsync(p, d, Moment.BeforeAnswer, 1)),
                ("after the answer: it is stored, the client knows", AfterAnswerAsync),
                ("a held flush comes late, and whole", HeldAsync),
                ("a kill of PostgreSQL ends it, and it starts again", KilledAsync),
            ];
            foreach (var (name, check) in checks)
            {
                proxy.Disarm();
                var ok = await check(proxy, cluster, direct);
                Console.WriteLine($"{(ok ? "ok  " : "FAIL")} {name}");
                failed += ok ? 0 : 1;
            }
            Console.WriteLine($"proxy: {checks.Length - failed} passed, {failed} failed");
        }
        finally
        {
            Directory.Delete(root, true);
        }
        return failed == 0 ? 0 : 1;
    }

    private static int stream;

    private static async Task<bool> ReadsAsync(
        PostgresProxy proxy, PrivateCluster cluster, NpgsqlDataSource direct)
    {
        proxy.Seen.Clear();
        await using var client = await OpenAsync(proxy);
        var key = ++stream;
        for (var version = 1; version <= 3; version++)
        {
            await AppendAsync(client, key, version);
        }
        var seen = proxy.Seen.ToArray();
        return seen.Length == 3 && seen.Select((f, i) => f.NodeKey == 7 && f.Has("ToolCalled", "build")
            && f.Has("RunStarted", null) && f.Events[0].StreamKey == key && f.Events[0].Version == (i * 2) + 1
            && f.Events[1].Attempt == 2).All(x => x);
    }

    private static async Task<bool> PassesAsync(
        PostgresProxy proxy, PrivateCluster cluster, NpgsqlDataSource direct)
    {
        proxy.Seen.Clear();
        await using var client = new NpgsqlConnection(Url(proxy.Directory, "other"));
        await client.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT repeat('x', 5000000)", client);
        return (string?)await command.ExecuteScalarAsync() is { Length: 5000000 } && proxy.Seen.IsEmpty;
    }

    private static async Task<bool> DropAsync(
        PostgresProxy proxy, NpgsqlDataSource direct, Moment moment, int stored)
    {
        await using var client = await OpenAsync(proxy);
        var key = ++stream;
        await AppendAsync(client, key, 1);
        var wire = new Tripwire(f => f.Has("ToolCalled", "build"), moment, _ => Task.FromResult(false));
        proxy.Arm(wire);
        try
        {
            await AppendAsync(client, key, 2);
            return false;
        }
        catch (NpgsqlException)
        {
            await wire.Fired;
            return await CountAsync(direct, key) == 2 + (stored * 2);
        }
    }

    private static async Task<bool> AfterAnswerAsync(PostgresProxy proxy, PrivateCluster cluster,
        NpgsqlDataSource direct)
    {
        await using var client = await OpenAsync(proxy);
        var key = ++stream;
        var wire = new Tripwire(_ => true, Moment.AfterAnswer, _ => Task.FromResult(false));
        proxy.Arm(wire);
        await AppendAsync(client, key, 1);
        await wire.Fired;
        return await CountAsync(direct, key) == 2;
    }

    private static async Task<bool> HeldAsync(
        PostgresProxy proxy, PrivateCluster cluster, NpgsqlDataSource direct)
    {
        var client = await OpenAsync(proxy);
        var key = ++stream;
        var holding = new TaskCompletionSource();
        var release = new TaskCompletionSource<bool>();
        proxy.Arm(new Tripwire(_ => true, Moment.BeforeForward, _ =>
        {
            holding.SetResult();
            return release.Task;
        }));
        var append = AppendAsync(client, key, 1);
        await holding.Task;
        var before = await CountAsync(direct, key);
        release.SetResult(true);
        await append;
        await client.DisposeAsync();
        return before == 0 && await CountAsync(direct, key) == 2;
    }

    private static async Task<bool> KilledAsync(
        PostgresProxy proxy, PrivateCluster cluster, NpgsqlDataSource direct)
    {
        await using var client = await OpenAsync(proxy);
        var key = ++stream;
        await AppendAsync(client, key, 1);
        cluster.Kill();
        await cluster.StartAsync();
        direct.Clear();
        return await CountAsync(direct, key) == 2;
    }

    private static string Url(string directory, string name) =>
        $"Host={directory};Username=postgres;Database=aegis;Application Name={name};Max Auto Prepare=10;"
        + "Auto Prepare Min Usages=1";

    private static async Task<NpgsqlConnection> OpenAsync(PostgresProxy proxy)
    {
        var client = new NpgsqlConnection(Url(proxy.Directory, "aegis-commit") + ";Pooling=false");
        await client.OpenAsync();
        return client;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource direct, long key)
    {
        await using var command = direct.CreateCommand("SELECT count(*) FROM events WHERE stream_key = $1");
        command.Parameters.AddWithValue(key);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Two events by the product's own statement.</summary>
    private static async Task AppendAsync(NpgsqlConnection client, long key, int flush)
    {
        await using var batch = new NpgsqlBatch(client);
        var command = new NpgsqlBatchCommand(Ledger.Sql.Get("events.append"));
        object[] values =
        [
            7L, new[] { key, key }, new[] { (flush * 2) - 1, flush * 2 }, new[] { 1, 1 }, new[] { 1, 1 },
            new[] { DateTime.UnixEpoch, DateTime.UnixEpoch }, new[] { "RunStarted", "ToolCalled" },
            new[] { new byte[16], new byte[16] },
            new[] { "{\"run_id\":\"r\"}"u8.ToArray(), "{\"step_id\":\"build\",\"attempt\":2}"u8.ToArray() },
            new[] { new byte[32], new byte[32] },
        ];
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync();
    }
}
