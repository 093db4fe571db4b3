using System.Collections.Immutable;
using Aegis.Core.Plans.Triggers;
using Npgsql;

namespace Aegis.Ledger.Triggers;

/// <summary>A workflow that something else than a person may start.</summary>
/// <param name="Actor">Who registered it: runs that no caller starts run on this authority.</param>
/// <param name="Scopes">What the registrar held then; what those runs may do.</param>
/// <param name="Repository">A repository of the project that such runs work on; null for none.</param>
public sealed record RegisteredWorkflow(string Name, string PlanId, string WorkflowHash, bool Enabled,
    string Actor, ImmutableArray<string> Scopes, ImmutableArray<Trigger> Triggers, string? Repository,
    string? Ref,
    DateTimeOffset UpdatedAt)
{
    internal static RegisteredWorkflow Read(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1),
        r.GetString(2), r.GetBoolean(3), r.GetString(4), [.. r.GetFieldValue<string[]>(5)],
        TriggerJson.Read(r.GetString(6)), r.IsDBNull(7) ? null : r.GetString(7),
        r.IsDBNull(8) ? null : r.GetString(8), r.GetFieldValue<DateTimeOffset>(9));
}

/// <summary>What a workflow is registered with.</summary>
public sealed record NewWorkflow(string Name, string PlanId, string WorkflowHash, string Actor,
    ImmutableArray<string> Scopes, ImmutableArray<Trigger> Triggers, string? Repository, string? Ref);

/// <summary>A start as lists show it.</summary>
public sealed record StartListing(string RunId, string Cause, string Status, string? Error,
    DateTimeOffset CreatedAt);
