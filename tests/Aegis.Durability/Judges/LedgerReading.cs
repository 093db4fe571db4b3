using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Aegis.Durability.Judges;

/// <summary>A stored event with what its hash is made from.</summary>
internal sealed record StoredEvent(int Version, string Type, long AtMicroseconds, byte[] Salt, byte[] Payload,
    byte[] Hash)
{
    public string? Step { get; } = Text(Payload, "step_id");

    public string? Output => Text(Payload, "output");

    private static string? Text(byte[] payload, string name)
    {
        using var json = JsonDocument.Parse(payload);
        return json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
    }
}

/// <summary>A run's stream as the superuser sees it.</summary>
internal sealed record RunStream(long Key, string Id, string Tenant, string Project);

/// <summary>The ledger by plain SQL, past the product and past the proxy.</summary>
internal sealed class LedgerReading(string socketDirectory)
{
    private static readonly string[] Ends = ["PlanCompleted", "RunFailed", "RunCancelled"];

    // the pool's connections die with a killed PostgreSQL, so none are kept
    private readonly string url =
        $"Host={socketDirectory};Username=postgres;Database=aegis;Search Path=aegis;Pooling=false;Timeout=30;"
        + "Application Name=judge";

    /// <summary>The runs that were started with an input <c>mark</c>.</summary>
    public async Task<IReadOnlyList<RunStream>> RunsOfAsync(string mark)
    {
        const string sql = """
            SELECT s.stream_key, s.stream_id, t.tenant_id, p.project_id
            FROM events e JOIN streams s USING (stream_key)
            JOIN tenants t ON t.tenant_key = s.tenant_key JOIN projects p ON p.project_key = s.project_key
            WHERE e.version = 1 AND e.type = 'RunStarted'
              AND convert_from(e.payload, 'UTF8')::jsonb -> 'inputs' ->> 'mark' = $1
            """;
        return await ReadAsync(
            sql, r => new RunStream(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3)), mark);
    }

    /// <summary>Every run of a project, the oldest first, with the run and the step that it was started
    /// for.</summary>
    public async Task<IReadOnlyList<(RunStream Run, string? Above, string? Step)>> RunsInAsync(string project)
    {
        const string sql = """
            SELECT s.stream_key, s.stream_id, t.tenant_id, p.project_id,
              convert_from(e.payload, 'UTF8')::jsonb -> 'parent' ->> 'run_id',
              convert_from(e.payload, 'UTF8')::jsonb -> 'parent' ->> 'step_id'
            FROM events e JOIN streams s USING (stream_key)
            JOIN tenants t ON t.tenant_key = s.tenant_key JOIN projects p ON p.project_key = s.project_key
            WHERE e.version = 1 AND e.type = 'RunStarted' AND p.project_id = $1
            ORDER BY s.stream_key
            """;
        return await ReadAsync(sql, r => (
            new RunStream(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3)),
            r.IsDBNull(4) ? null : r.GetString(4), r.IsDBNull(5) ? null : r.GetString(5)), project);
    }

    public async Task<IReadOnlyList<StoredEvent>> EventsOfAsync(RunStream stream) => await ReadAsync("""
        SELECT version, type, (extract(epoch FROM at) * 1000000)::bigint, salt, payload, hash
        FROM events WHERE stream_key = $1 ORDER BY version
        """, r => new StoredEvent(r.GetInt32(0), r.GetString(1), r.GetInt64(2), r.GetFieldValue<byte[]>(3),
        r.GetFieldValue<byte[]>(4), r.GetFieldValue<byte[]>(5)), stream.Key);

    public async Task<bool> HasHashAsync(long stream, int version, byte[] hash) =>
        (await ReadAsync("SELECT 1 FROM events WHERE stream_key = $1 AND version = $2 AND hash = $3",
            r => r.GetInt32(0), stream, version, hash)).Count > 0;

    public async Task<bool> HasEndedAsync(RunStream stream) => (await EventsOfAsync(stream)) is [.., var last]
        && Ends.Contains(last.Type);

    /// <summary>Says that a node's lease ran out, as an hour's pause would.</summary>
    public async Task ExpireAsync(long node) =>
        await ReadAsync(
            "UPDATE nodes SET expires_at = now() - interval '1 hour' WHERE node_key = $1 RETURNING 1",
            r => r.GetInt32(0), node);

    public async Task<bool> IsFencedAsync(long node) =>
        (await ReadAsync("SELECT fenced_at IS NOT NULL FROM nodes WHERE node_key = $1", r => r.GetBoolean(0),
            node))
        is [true];

    /// <summary>Computes the chain again from the rule in docs/events.md, sharing no code with the product;
    /// null where it holds, else what does not.</summary>
    public static string? BrokenAt(RunStream stream, IReadOnlyList<StoredEvent> events)
    {
        var previous = new byte[32];
        var version = 0;
        foreach (var e in events)
        {
            if (e.Version != ++version)
            {
                return $"version {version} is missing";
            }
            var header = Encoding.UTF8.GetBytes(
                $"aegis-event-1\n{stream.Tenant}\n{stream.Project}\n{stream.Id}\n"
                + $"{e.Version}\n{e.Type}\n{e.AtMicroseconds}");
            byte[] payload = SHA256.HashData([.. e.Salt, .. e.Payload]);
            var expected = SHA256.HashData([.. previous, .. header, .. payload]);
            if (!expected.AsSpan().SequenceEqual(e.Hash))
            {
                return $"the hash of version {version} ({e.Type}) is not what the rule gives";
            }
            previous = e.Hash;
        }
        return null;
    }

    private async Task<List<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> row, params object[] values)
    {
        await using var connection = new NpgsqlConnection(url);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(row(reader));
        }
        return rows;
    }
}
