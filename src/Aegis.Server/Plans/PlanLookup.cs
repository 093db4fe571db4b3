using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Plans;

/// <summary>Finds a plan: its row, or, before the read models have caught up, the fact itself.</summary>
internal static class PlanLookup
{
    public static async ValueTask<PlanDetailAnswer> FindAsync(
        DoorParts parts, TenancyKeys keys, string planId,
        CancellationToken cancel)
    {
        if (await parts.Runs.PlanAsync(keys, planId, cancel) is { } row)
        {
            return new PlanDetailAnswer(row.PlanId, row.Name, row.WorkflowHash, row.Tasks, row.NewestRunId,
                row.CreatedAt);
        }
        var page = await parts.Streams.PageAsync(keys, planId, 0, 1, cancel);
        if (page is not { Events: [{ Type: "PlanCreated", Payload: { } payload } fact, ..] })
        {
            throw new AegisException(DoorErrors.NotFound("plan", planId));
        }
        using var json = JsonDocument.Parse(payload);
        var root = json.RootElement;
        return new PlanDetailAnswer(planId, root.GetProperty("name").GetString()!,
            root.GetProperty("workflow_hash").GetString()!, root.GetProperty("tasks").GetArrayLength(), null,
            fact.At);
    }
}
