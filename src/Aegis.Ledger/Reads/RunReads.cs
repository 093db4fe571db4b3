using System.Text;
using System.Text.Json;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Reads;

/// <summary>What doors read of runs and their tasks: each call one transaction as role app, so that row level
/// security shows one project alone whatever the query says.</summary>
public sealed class RunReads(LedgerDatabase database)
{
    public Task<RunListing?> RunAsync(TenancyKeys keys, string runId, CancellationToken cancel) =>
        OneAsync(keys, "reads.run", r => Run(r) with { OutputsJson = Text(r, 15) }, cancel, runId);

    /// <summary>Newest first.</summary>
    public Task<List<RunListing>> RunsAsync(TenancyKeys keys, RunFilter only, PageCursor? after, int limit,
        CancellationToken cancel) =>
        ListAsync(keys, "reads.runs", Run, cancel, only.Status, after?.At, after?.Id, limit, only.Parent,
            only.Name, only.Plan, only.Actor, only.CreatedAfter, only.CreatedBefore, only.NamePrefix);

    public Task<List<RunListing>> RunsOfPlanAsync(TenancyKeys keys, string planId, int limit,
        CancellationToken cancel) =>
        ListAsync(keys, "reads.runs_of_plan", Run, cancel, planId, limit);

    public Task<List<TaskListing>> TasksAsync(TenancyKeys keys, string runId, CancellationToken cancel) =>
        ListAsync(keys, "reads.tasks", Task, cancel, runId);

    public Task<List<TaskEdge>> EdgesAsync(TenancyKeys keys, string runId, CancellationToken cancel) =>
        ListAsync(keys, "reads.edges", r => new TaskEdge(r.GetString(0), r.GetString(1)), cancel, runId);

    /// <summary>Tasks that stand on this one, near or far.</summary>
    public Task<List<TaskListing>> AffectedAsync(TenancyKeys keys, string taskId, int limit,
        CancellationToken cancel) =>
        ListAsync(keys, "reads.affected", Task, cancel, taskId, limit);

    public Task<ApprovalListing?> ApprovalAsync(TenancyKeys keys, string id, CancellationToken cancel) =>
        OneAsync(keys, "reads.approval", Approval, cancel, id);

    /// <summary>Whether a run has asked for this approval, whose id is the run's, a dot, and the step's. The
    /// fact itself is looked for: its row follows.</summary>
    public async Task<bool> IsApprovalAskedAsync(TenancyKeys keys, string id, CancellationToken cancel) =>
        (await ListAsync(keys, "reads.approval_asked", r => r.GetBoolean(0), cancel, id.Split('.')[0],
            Encoding.UTF8.GetBytes($"\"approval_id\":{JsonSerializer.Serialize(id)}")))[0];

    /// <summary>Newest first.</summary>
    public Task<List<ApprovalListing>> ApprovalsAsync(TenancyKeys keys, string? status, PageCursor? after,
        int limit, CancellationToken cancel) =>
        ListAsync(keys, "reads.approvals", Approval, cancel, status, after?.At, after?.Id, limit);

    /// <summary>What waits or waited in a queue of the tenant, the oldest first.</summary>
    /// <param name="project">Null for all projects of the tenant.</param>
    public async Task<List<QueuedApproval>> QueueAsync(int tenant, int? project, string queue, string? status,
        PageCursor? after, int limit, CancellationToken cancel)
    {
        await using var session = project is { } one
            ? await database.OpenProjectAsync(tenant, one, cancel)
            : await database.OpenTenantAsync(tenant, cancel);
        return await ReadAsync(session, "reads.queue", r => new QueuedApproval(r.GetString(11), Approval(r)),
            [tenant, project, queue, status, after?.At, after?.Id, limit], cancel);
    }

    /// <summary>The project that asks for an approval in a queue of the tenant; null where none
    /// does.</summary>
    public async Task<(string Id, TenancyKeys Keys)?> QueuedInAsync(
        int tenant, string queue, string approval, CancellationToken cancel)
    {
        await using var session = await database.OpenTenantAsync(tenant, cancel);
        var found = await ReadAsync(session, "reads.queued_in",
            r => (r.GetString(0), new TenancyKeys(tenant, r.GetInt32(1))), [tenant, queue, approval], cancel);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>A task's status and its newest attempt, 0 before the first; null where there is no such
    /// task.</summary>
    public async Task<(string Status, int Attempt)?> TaskAsync(TenancyKeys keys, string taskId,
        CancellationToken cancel)
    {
        var found = await ListAsync(keys, "reads.task", r => (r.GetString(0), r.GetInt32(1)), cancel, taskId);
        return found.Count == 0 ? null : found[0];
    }

    public Task<PlanListing?> PlanAsync(TenancyKeys keys, string planId, CancellationToken cancel) =>
        OneAsync(keys, "reads.plan", r => new PlanListing(r.GetString(0), r.GetString(1), r.GetString(2),
            r.GetInt32(3), Text(r, 4), r.GetFieldValue<DateTimeOffset>(5)), cancel, planId);

    private static RunListing Run(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2),
        r.GetString(3), Text(r, 4), r.GetString(5), r.GetInt32(6), r.GetInt32(7), r.GetDecimal(8),
        r.GetFieldValue<DateTimeOffset>(9), r.GetFieldValue<DateTimeOffset>(10), Time(r, 11))
    {
        ParentRun = Text(r, 12), ParentStep = Text(r, 13), RetryOf = Text(r, 14),
    };

    private static TaskListing Task(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2),
        r.GetString(3), r.GetInt32(4), Text(r, 5), Text(r, 6), r.IsDBNull(7) ? null : r.GetInt32(7),
        Text(r, 8),
        r.IsDBNull(9) ? null : r.GetInt64(9), Time(r, 10), Time(r, 11));

    private static ApprovalListing Approval(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1),
        r.GetString(2), Text(r, 3), r.GetString(4), r.GetFieldValue<DateTimeOffset>(5), Time(r, 6),
        Time(r, 7), Text(r, 8), Text(r, 9), Text(r, 10));

    private static string? Text(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetFieldValue<DateTimeOffset>(column);

    private async Task<T?> OneAsync<T>(TenancyKeys keys, string query, Func<NpgsqlDataReader, T> read,
        CancellationToken cancel, params object?[] more)
        where T : class =>
        (await ListAsync(keys, query, read, cancel, more)).FirstOrDefault();

    private async Task<List<T>> ListAsync<T>(TenancyKeys keys, string query, Func<NpgsqlDataReader, T> read,
        CancellationToken cancel, params object?[] more)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return await ReadAsync(session, query, read, [keys.Tenant, keys.Project, .. more], cancel);
    }

    private static async Task<List<T>> ReadAsync<T>(ProjectSession session, string query,
        Func<NpgsqlDataReader, T> read, object?[] values, CancellationToken cancel)
    {
        await using var command = session.Command(query, values);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(read(reader));
        }
        return found;
    }
}
