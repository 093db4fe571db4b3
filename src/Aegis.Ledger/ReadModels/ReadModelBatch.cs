using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.ReadModels;

public sealed record RunRow(
    TenancyKeys Keys, string RunId, string PlanId, string Name, string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt,
    DateTimeOffset? EndedAt, string? OutputsJson);

public sealed record TaskRow(
    TenancyKeys Keys, string TaskId, string RunId, string StepId, int Index, string Tool,
    string Status, int Attempt, string? Outcome, string? Conclusion, int? ExitCode, string? ErrorJson,
    string? LogHash, long? LogBytes, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
        DateTimeOffset UpdatedAt);

public readonly record struct EdgeRow(TenancyKeys Keys, string From, string To);

public sealed record ApprovalRow(
    TenancyKeys Keys, string ApprovalId, string RunId, string StepId, string? Message, string Status,
    DateTimeOffset RequestedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? AnsweredAt, string? AnsweredBy,
    string? Reason);

public sealed record PlanRow(
    TenancyKeys Keys, long StreamKey, string PlanId, string Name, string WorkflowHash, int Tasks,
    DateTimeOffset CreatedAt);

/// <summary>Rows of the projections that are written together, and the streams that are closed with them: a
/// run is closed only once its last state can be read.</summary>
public sealed class ReadModelBatch
{
    public List<RunRow> Runs { get; } = [];

    public List<TaskRow> Tasks { get; } = [];

    public List<EdgeRow> Edges { get; } = [];

    public List<ApprovalRow> Approvals { get; } = [];

    public List<PlanRow> Plans { get; } = [];

    public List<long> ClosedStreams { get; } = [];

    public bool IsEmpty => Runs.Count + Tasks.Count + Edges.Count + Approvals.Count + Plans.Count
        + ClosedStreams.Count == 0;

    /// <summary>One transaction on a connection of role engine.</summary>
    internal async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        AddPlans(batch);
        AddRuns(batch);
        AddTasks(batch);
        AddApprovals(batch);
        if (Edges.Count > 0)
        {
            var command = Command(batch, "read_models.edges");
            Keys(command, Edges, e => e.Keys);
            Column(command, NpgsqlDbType.Text, Edges, e => e.From);
            Column(command, NpgsqlDbType.Text, Edges, e => e.To);
        }
        if (ClosedStreams.Count > 0)
        {
            Column(Command(batch, "read_models.close_streams"), NpgsqlDbType.Bigint, ClosedStreams, k => k);
        }
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancel);
        }
    }

    private void AddPlans(NpgsqlBatch batch)
    {
        if (Plans.Count == 0)
        {
            return;
        }
        var command = Command(batch, "read_models.plans");
        Keys(command, Plans, p => p.Keys);
        Column(command, NpgsqlDbType.Text, Plans, p => p.PlanId);
        Column(command, NpgsqlDbType.Text, Plans, p => p.Name);
        Column(command, NpgsqlDbType.Text, Plans, p => p.WorkflowHash);
        Column(command, NpgsqlDbType.Integer, Plans, p => p.Tasks);
        Column(command, NpgsqlDbType.TimestampTz, Plans, p => p.CreatedAt);
    }

    private void AddRuns(NpgsqlBatch batch)
    {
        if (Runs.Count == 0)
        {
            return;
        }
        var command = Command(batch, "read_models.runs");
        Keys(command, Runs, r => r.Keys);
        Column(command, NpgsqlDbType.Text, Runs, r => r.RunId);
        Column(command, NpgsqlDbType.Text, Runs, r => r.PlanId);
        Column(command, NpgsqlDbType.Text, Runs, r => r.Name);
        Column(command, NpgsqlDbType.Text, Runs, r => r.Status);
        Column(command, NpgsqlDbType.Text, Runs, r => r.Reason);
        Column(command, NpgsqlDbType.Text, Runs, r => r.Actor);
        Column(command, NpgsqlDbType.Integer, Runs, r => r.TasksTotal);
        Column(command, NpgsqlDbType.Integer, Runs, r => r.TasksDone);
        Column(command, NpgsqlDbType.Numeric, Runs, r => r.CostUsd);
        Column(command, NpgsqlDbType.TimestampTz, Runs, r => r.CreatedAt);
        Column(command, NpgsqlDbType.TimestampTz, Runs, r => r.UpdatedAt);
        Column(command, NpgsqlDbType.TimestampTz, Runs, r => r.EndedAt);
        Column(command, NpgsqlDbType.Text, Runs, r => r.OutputsJson);
    }

    private void AddTasks(NpgsqlBatch batch)
    {
        if (Tasks.Count == 0)
        {
            return;
        }
        var command = Command(batch, "read_models.tasks");
        Keys(command, Tasks, t => t.Keys);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.TaskId);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.RunId);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.StepId);
        Column(command, NpgsqlDbType.Integer, Tasks, t => t.Index);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.Tool);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.Status);
        Column(command, NpgsqlDbType.Integer, Tasks, t => t.Attempt);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.Outcome);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.Conclusion);
        Column(command, NpgsqlDbType.Integer, Tasks, t => t.ExitCode);
        Column(command, NpgsqlDbType.Jsonb, Tasks, t => t.ErrorJson);
        Column(command, NpgsqlDbType.Text, Tasks, t => t.LogHash);
        Column(command, NpgsqlDbType.Bigint, Tasks, t => t.LogBytes);
        Column(command, NpgsqlDbType.TimestampTz, Tasks, t => t.StartedAt);
        Column(command, NpgsqlDbType.TimestampTz, Tasks, t => t.EndedAt);
        Column(command, NpgsqlDbType.TimestampTz, Tasks, t => t.UpdatedAt);
    }

    private void AddApprovals(NpgsqlBatch batch)
    {
        if (Approvals.Count == 0)
        {
            return;
        }
        var command = Command(batch, "read_models.approvals");
        Keys(command, Approvals, a => a.Keys);
        Column(command, NpgsqlDbType.Text, Approvals, a => a.ApprovalId);
        Column(command, NpgsqlDbType.Text, Approvals, a => a.RunId);
        Column(command, NpgsqlDbType.Text, Approvals, a => a.StepId);
        Column(command, NpgsqlDbType.Text, Approvals, a => a.Message);
        Column(command, NpgsqlDbType.Text, Approvals, a => a.Status);
        Column(command, NpgsqlDbType.TimestampTz, Approvals, a => a.RequestedAt);
        Column(command, NpgsqlDbType.TimestampTz, Approvals, a => a.ExpiresAt);
        Column(command, NpgsqlDbType.TimestampTz, Approvals, a => a.AnsweredAt);
        Column(command, NpgsqlDbType.Text, Approvals, a => a.AnsweredBy);
        Column(command, NpgsqlDbType.Text, Approvals, a => a.Reason);
    }

    private static NpgsqlBatchCommand Command(NpgsqlBatch batch, string name)
    {
        var command = new NpgsqlBatchCommand(Sql.Get(name));
        batch.BatchCommands.Add(command);
        return command;
    }

    private static void Keys<T>(NpgsqlBatchCommand command, List<T> rows, Func<T, TenancyKeys> of)
    {
        Column(command, NpgsqlDbType.Integer, rows, r => of(r).Tenant);
        Column(command, NpgsqlDbType.Integer, rows, r => of(r).Project);
    }

    private static void Column<TRow, T>(NpgsqlBatchCommand command, NpgsqlDbType type, List<TRow> rows,
        Func<TRow, T> of) =>
        command.Parameters.Add(new NpgsqlParameter<T[]>
        {
            TypedValue = rows.ConvertAll(new Converter<TRow, T>(of)).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | type,
        });
}
