using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Artifacts;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Models;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.ReadModels;

public sealed record RunRow(
    TenancyKeys Keys, string RunId, string PlanId, string Name, string Status, string? Reason,
    string Actor, int TasksTotal, int TasksDone, decimal CostUsd, DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt,
    DateTimeOffset? EndedAt, string? OutputsJson, string? ParentRun, string? ParentStep, string? RetryOf);

public sealed record TaskRow(
    TenancyKeys Keys, string TaskId, string RunId, string StepId, int Index, string Tool,
    string Status, int Attempt, string? Outcome, string? Conclusion, int? ExitCode, string? ErrorJson,
    string? LogHash, long? LogBytes, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
        DateTimeOffset UpdatedAt);

public readonly record struct EdgeRow(TenancyKeys Keys, string From, string To);

public sealed record ApprovalRow(
    TenancyKeys Keys, string ApprovalId, string RunId, string StepId, string? Message, string Status,
    DateTimeOffset RequestedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? AnsweredAt, string? AnsweredBy,
    string? Reason, string? Queue);

public sealed record PlanRow(
    TenancyKeys Keys, long StreamKey, string PlanId, string Name, string WorkflowHash, int Tasks,
    DateTimeOffset CreatedAt);

/// <summary>A version of an artifact. It is a fact, so its row never changes.</summary>
public sealed record ArtifactRow(TenancyKeys Keys, ArtifactVersion Version)
{
    /// <summary>The run of a task's version: the task's id begins with it.</summary>
    public string? RunId => Version.TaskId?.Split('.')[0];
}

/// <summary>Calls to models of a stream that are counted together.</summary>
/// <param name="StreamId">A run's id, or a session's.</param>
/// <param name="Door">Where a session's calls came from; null for a run.</param>
public sealed record ModelUsageRow(TenancyKeys Keys, string StreamId, string? Door, string Actor,
    ModelUsageKey Key, ModelTotals Totals);

/// <summary>What a run found out about a model. The row is kept: learning reads each once.</summary>
/// <param name="Subject">The step that judged, <c>RUN.STEP</c>.</param>
public sealed record VerdictRow(TenancyKeys Keys, string Subject, ModelJudgement Judgement)
{
    /// <summary>A short name of what is judged, for a key.</summary>
    public string Judged => Digest(Judgement.TaskType, Judgement.Provider, Judgement.Model);

    public static string Digest(string taskType, string provider, string model) =>
        Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Join('\n', taskType, provider, model))).AsSpan(0, 16));
}

/// <summary>Rows of the projections that are written together, and the streams that are closed with them: a
/// run is closed only once its last state can be read.</summary>
public sealed class ReadModelBatch
{
    public List<RunRow> Runs { get; } = [];

    public List<TaskRow> Tasks { get; } = [];

    public List<EdgeRow> Edges { get; } = [];

    public List<ApprovalRow> Approvals { get; } = [];

    public List<PlanRow> Plans { get; } = [];

    public List<ArtifactRow> Artifacts { get; } = [];

    public List<ModelUsageRow> ModelUsage { get; } = [];

    public List<VerdictRow> Verdicts { get; } = [];

    public List<long> ClosedStreams { get; } = [];

    public bool IsEmpty => Runs.Count + Tasks.Count + Edges.Count + Approvals.Count + Plans.Count
        + Artifacts.Count + ModelUsage.Count + Verdicts.Count
        + ClosedStreams.Count == 0;

    private static RowTable<PlanRow> PlanTable { get; } =
        new RowTable<PlanRow>("read_models.plans", p => p.Keys)
            .Text(p => p.PlanId, p => p.Name, p => p.WorkflowHash).Integer(p => p.Tasks)
            .Time(p => p.CreatedAt);

    private static RowTable<RunRow> RunTable { get; } =
        new RowTable<RunRow>("read_models.runs", r => r.Keys)
            .Text(r => r.RunId, r => r.PlanId, r => r.Name, r => r.Status, r => r.Reason, r => r.Actor)
            .Integer(r => r.TasksTotal, r => r.TasksDone).Numeric(r => r.CostUsd)
            .Time(r => r.CreatedAt, r => r.UpdatedAt, r => r.EndedAt)
            .Text(r => r.OutputsJson, r => r.ParentRun, r => r.ParentStep, r => r.RetryOf);

    private static RowTable<TaskRow> TaskTable { get; } =
        new RowTable<TaskRow>("read_models.tasks", t => t.Keys)
            .Text(t => t.TaskId, t => t.RunId, t => t.StepId).Integer(t => t.Index)
            .Text(t => t.Tool, t => t.Status).Integer(t => t.Attempt)
            .Text(t => t.Outcome, t => t.Conclusion).Integer(t => t.ExitCode).Json(t => t.ErrorJson)
            .Text(t => t.LogHash).Bigint(t => t.LogBytes)
            .Time(t => t.StartedAt, t => t.EndedAt, t => t.UpdatedAt);

    private static RowTable<ApprovalRow> ApprovalTable { get; } =
        new RowTable<ApprovalRow>("read_models.approvals", a => a.Keys)
            .Text(a => a.ApprovalId, a => a.RunId, a => a.StepId, a => a.Message, a => a.Status)
            .Time(a => a.RequestedAt, a => a.ExpiresAt, a => a.AnsweredAt)
            .Text(a => a.AnsweredBy, a => a.Reason, a => a.Queue);

    private static RowTable<EdgeRow> EdgeTable { get; } =
        new RowTable<EdgeRow>("read_models.edges", e => e.Keys).Text(e => e.From, e => e.To);

    private static RowTable<ArtifactRow> ArtifactTable { get; } =
        new RowTable<ArtifactRow>("read_models.artifacts", a => a.Keys)
            .Text(a => a.Version.ArtifactId).Integer(a => a.Version.Version)
            .Text(a => a.RunId, a => a.Version.TaskId, a => a.Version.Path, a => a.Version.MediaType)
            .Boolean(a => a.Version.Document).Text(a => a.Version.Status).Bigint(a => a.Version.Bytes)
            .Text(a => a.Version.ContentHash, a => a.Version.HashPrev, a => a.Version.HashCurr,
                a => a.Version.Signature, a => a.Version.KeyId, a => a.Version.Signer, a => a.Version.Header)
            .Time(a => a.Version.CreatedAt, a => a.Version.UpdatedAt);

    private static RowTable<ModelUsageRow> UsageTable { get; } =
        new RowTable<ModelUsageRow>("read_models.model_usage", u => u.Keys)
            .Text(u => u.StreamId, u => u.Key.Digest(), u => u.Door, u => u.Actor, u => u.Key.StepId,
                u => u.Key.Agent, u => u.Key.Asked, u => u.Key.TaskType, u => u.Key.Provider,
                u => u.Key.Model, u => u.Key.Origin)
            .Date(u => u.Key.Day)
            .Bigint(u => u.Totals.Calls, u => u.Totals.Answered, u => u.Totals.Failed,
                u => u.Totals.Aborted, u => u.Totals.Tokens.Input, u => u.Totals.Tokens.Output,
                u => u.Totals.Tokens.CachedInput, u => u.Totals.Tokens.CacheWrite,
                u => u.Totals.Tokens.Reasoning)
            .Numeric(u => u.Totals.CostUsd, u => u.Totals.SavedUsd)
            .Bigint(u => u.Totals.Tries, u => u.Totals.TookUs, u => u.Totals.FirstTokenUs,
                u => u.Totals.FirstTokens);

    private static RowTable<VerdictRow> VerdictTable { get; } =
        new RowTable<VerdictRow>("read_models.verdicts", v => v.Keys)
            .Text(v => v.Subject, v => VerdictWords.Of(v.Judgement.Kind), v => v.Judgement.Actor,
                v => v.Judged, v => v.Judgement.TaskType, v => v.Judgement.Provider,
                v => v.Judgement.Model)
            .Real(v => v.Judgement.Value).Time(v => v.Judgement.At);

    /// <summary>One transaction on a connection of role engine.</summary>
    internal async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        PlanTable.AddTo(batch, Plans);
        RunTable.AddTo(batch, Runs);
        TaskTable.AddTo(batch, Tasks);
        ApprovalTable.AddTo(batch, Approvals);
        EdgeTable.AddTo(batch, Edges);
        ArtifactTable.AddTo(batch, Artifacts);
        UsageTable.AddTo(batch, ModelUsage);
        VerdictTable.AddTo(batch, Verdicts);
        if (ClosedStreams.Count > 0)
        {
            var close = new NpgsqlBatchCommand(Sql.Get("read_models.close_streams"));
            close.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. ClosedStreams] });
            batch.BatchCommands.Add(close);
        }
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancel);
        }
    }
}
