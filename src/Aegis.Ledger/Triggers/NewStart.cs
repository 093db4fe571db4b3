using Aegis.Core.Plans.Triggers;
using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Triggers;

/// <summary>A run that shall start. Two of one workflow and cause are one.</summary>
/// <param name="RunId">Chosen now, so that a start that is tried twice makes one run.</param>
/// <param name="Cause">Such as <c>github:DELIVERY</c> or <c>schedule:0:TIME</c>.</param>
/// <param name="Context">The run's context, a JSON object.</param>
/// <param name="Depth">How many ends of runs stand between this start and the outside.</param>
/// <param name="Refusal">Why it will not start after all; the row is the record of that.</param>
public sealed record NewStart(RegisteredWorkflow Workflow, string RunId, string Cause, string Context,
    int Depth = 0, string? Refusal = null)
{
    public const int PendingMax = 1_000;

    /// <summary>Started by its caller, so that no beat looks at it.</summary>
    public bool IsDirect { get; init; }

    /// <summary>The inputs that the trigger gives: a JSON object whose text may hold expressions over the
    /// context; null for none.</summary>
    public string? Inputs { get; init; }

    /// <summary>The commit that what caused this start is about; null for the workflow's own
    /// <c>ref</c>.</summary>
    public string? Sha { get; init; }

    internal NpgsqlParameter[] Parameters(TenancyKeys keys) =>
    [
        new() { Value = keys.Tenant }, new() { Value = keys.Project }, new() { Value = RunId },
        new() { Value = Workflow.Name }, new() { Value = Cause }, new() { Value = Workflow.PlanId },
        new() { Value = Workflow.Actor }, new() { Value = Workflow.Scopes.ToArray() },
        new() { Value = Context }, Text(Workflow.Repository), Text(Sha ?? Workflow.Ref),
        new() { Value = Depth },
        new() { Value = Refusal is not null ? "refused" : IsDirect ? "started" : "pending" }, Text(Refusal),
        Text(Inputs),
    ];

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
