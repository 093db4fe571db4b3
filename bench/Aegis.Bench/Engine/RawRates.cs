using System.Diagnostics;
using Npgsql;

namespace Aegis.Bench.Engine;

/// <summary>What the same PostgreSQL gives on the same table shape without any product around it: one-row
/// commits from 16 connections, and rows in batches of 100.</summary>
internal static class RawRates
{
    private const string Table = """
        DROP TABLE IF EXISTS bench_raw;
        CREATE TABLE bench_raw (stream_key bigint, version int, tenant_key int, project_key int,
          position bigint GENERATED ALWAYS AS IDENTITY, xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
          at timestamptz NOT NULL, type text NOT NULL, salt bytea, payload bytea,
          payload_hash bytea, hash bytea NOT NULL,
          PRIMARY KEY (stream_key, version));
        CREATE INDEX ON bench_raw (xid, position)
        """;

    private const string Insert = """
        INSERT INTO bench_raw (stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)
        SELECT $1, g, 1, 1, now(), 'TaskCompleted', $3, $4, $5 FROM generate_series($2, $2 + $6 - 1) g
        """;

    public static async Task<IDictionary<string, object>> SettingsAsync(BenchEngine home)
    {
        await using var command = home.Database.Source(Ledger.LedgerRole.Engine).CreateCommand(
            "SELECT name, setting FROM pg_settings "
            + "WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')");
        await using var reader = await command.ExecuteReaderAsync();
        var settings = new Dictionary<string, object>();
        while (await reader.ReadAsync())
        {
            settings["pg_" + reader.GetString(0)] = reader.GetString(1);
        }
        return settings;
    }

    public static async Task MeasureAsync(
        BenchEngine home, int seconds, SortedDictionary<string, object> figures)
    {
        var owner = home.Database.Source(Ledger.LedgerRole.Owner);
        await using (var create = owner.CreateCommand(Table))
        {
            await create.ExecuteNonQueryAsync();
        }
        figures["raw_commits_per_second"] = await RateAsync(owner, 16, 1, seconds);
        figures["raw_rows_per_second"] = await RateAsync(owner, 4, 100, seconds);
    }

    private static async Task<double> RateAsync(
        NpgsqlDataSource source, int connections, int rows, int seconds)
    {
        long total = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async lane =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand(Insert, connection);
            command.Parameters.AddWithValue((long)((rows * 1000) + lane));
            var version = new NpgsqlParameter<int>();
            command.Parameters.Add(version);
            command.Parameters.AddWithValue(new byte[16]);
            command.Parameters.AddWithValue(new byte[160]);
            command.Parameters.AddWithValue(new byte[32]);
            command.Parameters.AddWithValue(rows);
            await command.PrepareAsync();
            for (var at = 1; clock.Elapsed.TotalSeconds < seconds; at += rows)
            {
                version.TypedValue = at;
                await command.ExecuteNonQueryAsync();
                Interlocked.Add(ref total, rows);
            }
        }));
        return total / clock.Elapsed.TotalSeconds;
    }

}
