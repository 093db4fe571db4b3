using System.Text;
using Aegis.Core;
using Aegis.Core.Audit;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Server.Tests.Support;

/// <summary>Writes what the engine would, as the engine's role: streams, chained events, read
/// models.</summary>
public sealed class Seed(LedgerFixture ledger)
{
    private static long nextStream = 1_000_000;
    private static int nextRun;
    private readonly NpgsqlDataSource engine = ledger.Database.Source(LedgerRole.Engine);
    private readonly Dictionary<string, (long Key, int Version, byte[] Hash)> streams = [];

    public static DateTimeOffset At { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public async Task<string> PlanAsync(TenancyKeys keys, string name = "ci")
    {
        var id = $"plan_{Interlocked.Increment(ref nextRun):00000000000000000000000000}";
        await ExecuteAsync("INSERT INTO plans_read VALUES ($1, $2, $3, $4, $5, 2, NULL, $6)", keys.Tenant,
            keys.Project, id, name, "sha256:00", At);
        return id;
    }

    /// <summary>A run that stands for a spawned process.</summary>
    public async Task SpawnAsync(TenancyKeys keys, string id)
    {
        await RunAsync(keys, id: id);
        await ExecuteAsync("UPDATE runs_read SET name = 'spawn:own' WHERE tenant_key = $1 AND run_id = $2",
            keys.Tenant, id);
    }

    /// <summary>A run of two steps, <c>build</c> and then <c>test</c>.</summary>
    public async Task<string> RunAsync(TenancyKeys keys, string status = "running", string plan = "plan_x",
        bool started = true, string? id = null, DateTimeOffset? at = null)
    {
        id ??= $"run_{Interlocked.Increment(ref nextRun):00000000000000000000000000}";
        var ended = status is "running" or "stopping" ? (DateTimeOffset?)null : At.AddSeconds(9);
        await ExecuteAsync(
            "INSERT INTO runs_read VALUES ($1, $2, $3, $4, 'ci', $5, NULL, 'key:a', 2, 0, 0.25, $6, "
            + "$6, $7)", keys.Tenant, keys.Project, id, plan, status, at ?? At, ended);
        foreach (var (index, step) in new[] { "build", "test" }.Index())
        {
            await ExecuteAsync(
                "INSERT INTO tasks_read (tenant_key, project_key, task_id, run_id, step_id, idx, tool, "
                + "status, attempt, error, started_at, updated_at) VALUES ($1, $2, $3, "
                + "$4, $5, $6, 'shell.exec', "
                + "$7, $8, '{\"code\": \"AEGIS1\", \"message\": \"m\"}', $9, $9)", keys.Tenant, keys.Project,
                $"{id}.{step}", id, step, index, index == 0 && started ? "running" : "waiting",
                index == 0 && started ? 1 : 0, At);
        }
        await ExecuteAsync("INSERT INTO task_edges VALUES ($1, $2, $3, $4)", keys.Tenant, keys.Project,
            $"{id}.build", $"{id}.test");
        await StreamAsync(keys, id);
        return id;
    }

    public Task ApprovalAsync(TenancyKeys keys, string run, string step, string status = "pending",
        DateTimeOffset? at = null, string? queue = null) =>
        ExecuteAsync("""
            INSERT INTO approvals_read (tenant_key, project_key, approval_id, run_id, step_id, message,
              status, requested_at, queue) VALUES ($1, $2, $3, $4, $5, 'go?', $6, $7, $8)
            """, keys.Tenant, keys.Project, $"{run}.{step}", run, step, status, at ?? At, queue);

    /// <summary>A decision that stands.</summary>
    public Task ReplacementAsync(
        TenancyKeys keys, string id, string from = "large", DateTimeOffset? at = null) =>
        ExecuteAsync("""
            INSERT INTO model_replacements VALUES ($1, $2, $3, 'here', $4, 'there', 'small', NULL, 'gone',
              '{"before":0.7,"now":0,"weight":30,"deviation":0,"peer_quality":0.6}', $5)
            """, keys.Tenant, keys.Project, id, from, at ?? At);

    /// <summary>A vaccine of the project's own.</summary>
    public Task VaccineAsync(TenancyKeys keys, string id) => ledger.ExecuteAsync("""
        INSERT INTO project_vaccines (tenant_key, project_key, vaccine_id, status, error_pattern,
          solution_instruction, severity, origin_agent, hits, prevented, recurred, blocked_good,
          created_at, helped_at, expires_at)
        VALUES ($1, $2, $3, 'active', 'a mistake', 'a mend', 'high', 'builder', 1, 0, 0, 0,
          $4, $4, $4 + interval '1 day')
        """, keys.Tenant, keys.Project, id, At);

    /// <summary>So many calls to a model in a step, the first of which came from the cache of
    /// answers where that is said.</summary>
    public Task UsageAsync(TenancyKeys keys, string run, string step, string model, decimal cost,
        string? agent = null, string actor = "key:a", string day = "2026-01-02", int calls = 4,
        string origin = "live") =>
        ExecuteAsync("""
            INSERT INTO model_usage VALUES ($1, $2, $3, $4, NULL, $5, $6, $7, 'fast', 'general', 'here', $8,
              $9, $10::date, $11, $11 - 1, 1, 0, 1000, 200, 250, 10, 50, $12, $12 / 4, 2, 8000, 1500, 3)
            """, keys.Tenant, keys.Project, run, string.Join('/', step, agent, model, day, origin), actor,
            step, agent, model, origin, day, calls, cost);

    public Task EdgeAsync(TenancyKeys keys, string from, string to) =>
        ExecuteAsync("INSERT INTO task_edges VALUES ($1, $2, $3, $4)", keys.Tenant, keys.Project, from, to);

    /// <summary>So many tasks more that each need one step.</summary>
    public async Task FanOutAsync(TenancyKeys keys, string run, string step, int count)
    {
        await ExecuteAsync(
            "INSERT INTO tasks_read (tenant_key, project_key, task_id, run_id, step_id, idx, tool, status, "
            + "attempt, updated_at) SELECT $1, $2, $3 || '.n' || i, $3, 'n' || i, i + 1, 'flow.noop', "
            + "'waiting', 0, $4 FROM generate_series(1, $5) i", keys.Tenant, keys.Project, run, At, count);
        await ExecuteAsync("INSERT INTO task_edges SELECT $1, $2, $3 || '.' || $5, $3 || '.n' || i "
            + "FROM generate_series(1, $4) i", keys.Tenant, keys.Project, run, count, step);
    }

    public async Task StreamAsync(TenancyKeys keys, string id)
    {
        var key = Interlocked.Increment(ref nextStream);
        await ExecuteAsync(
            "INSERT INTO streams (stream_key, tenant_key, project_key, stream_id) VALUES ($1, $2, $3, $4)",
            key, keys.Tenant, keys.Project, id);
        streams[id] = (key, 0, EventHash.Genesis.ToArray());
    }

    public async Task EventAsync(TenancyKeys keys, string stream, string type, string payload)
    {
        var (key, version, previous) = streams[stream];
        var salt = new byte[EventHash.SaltBytes];
        var bytes = Encoding.UTF8.GetBytes(payload);
        var (hash, chained) = (new byte[32], new byte[32]);
        EventHash.Payload(salt, bytes, hash);
        var at = At.AddSeconds(++version);
        EventHash.Chain(previous, new Tenancy("t", "p"), stream, version, type, EventHash.Microseconds(at),
            hash, chained);
        await ExecuteAsync(
            "INSERT INTO events (stream_key, version, tenant_key, project_key, at, type, salt, payload, "
            + "hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", key, version, keys.Tenant, keys.Project,
                at, type,
            salt, bytes, chained);
        streams[stream] = (key, version, chained);
    }

    public Task EraseAsync(string stream, int version) =>
        ExecuteAsync(
            "UPDATE events SET payload = NULL, salt = NULL, payload_hash = '\\x00' WHERE stream_key = $1 "
            + "AND version = $2", streams[stream].Key, version);

    private async Task ExecuteAsync(string sql, params object?[] values)
    {
        await using var command = engine.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
        await command.ExecuteNonQueryAsync();
    }
}
