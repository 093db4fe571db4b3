using System.Collections.Immutable;
using Aegis.Core.Audit.Controls;
using Aegis.Core.Errors;
using Aegis.Ledger.Audit;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Audit;

/// <summary>Evidence for criteria of SOC 2, counted in the caller's own project.</summary>
public static class EvidenceDoors
{
    private static readonly TimeSpan PeriodDefault = TimeSpan.FromDays(90);

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapGet("/v1/audit/evidence", http => ReadAsync(http, parts)).RequireScope(Scopes.AuditRead)
            .Describe("auditEvidence", "What the ledger shows for criteria of SOC 2 in a time", door => door
                .Saying("The project's chains are verified with it; what does not hold is said.")
                .Time("from", "From this moment on; 90 days before the end where left out.")
                .Time("to", "Up to this moment, which is not part of it; now where left out.")
                .Text("controls", "Criteria such as CC6.1,CC8.1; all where left out.")
                .Answers(DoorJson.Default.EvidenceAnswer).Refuses("AEGIS2653"));

    private static async Task ReadAsync(HttpContext http, DoorParts parts)
    {
        var (keys, tenancy, cancel) = (
            http.ProjectKeys(), http.Caller().Principal.Tenancy, http.RequestAborted);
        var to = Query.Time(http, "to") ?? parts.Time.GetUtcNow();
        var from = Query.Time(http, "from") ?? to - PeriodDefault;
        if (from >= to)
        {
            throw new AegisException(DoorErrors.Malformed(
                "the period is empty", "from before to", $"{from:O} to {to:O}"));
        }
        var catalogue = ControlCatalogue.BuiltIn;
        var controls = catalogue.Choose((Query.Text(http, "controls") ?? "").Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        var types = controls.SelectMany(c => c.Events).ToHashSet();
        var found = await new LedgerEvidence(parts.Ledger).ReadAsync(keys, types, from, to, cancel);
        var records = Records(await parts.Tenants.ListKeysAsync(
            tenancy.Tenant, cancel, tenancy.Project, null, int.MaxValue), from, to);
        // after the facts were counted: whatever was changed in them before is seen
        var report = await new LedgerAudit(parts.Ledger, parts.Options.Home).VerifyAsync(
            AuditScope.Of(tenancy), cancel);
        await Body.WriteAsync(http, new EvidenceAnswer(tenancy.Tenant, tenancy.Project, from, to,
            catalogue.Hash, AuditVerdictAnswer.Of(report),
            [.. controls.Select(c => ControlEvidenceAnswer.Of(c, found, records, report))],
            catalogue.Unserved), DoorJson.Default.EvidenceAnswer);
    }

    private static Dictionary<string, RecordEvidenceAnswer> Records(
        IReadOnlyList<KeyListing> keys, DateTimeOffset from, DateTimeOffset to)
    {
        bool Within(DateTimeOffset? at) => at >= from && at < to;
        return new()
        {
            ["keys_created"] = Of("keys_created", [.. keys.Where(k => Within(k.CreatedAt))
                .Select(k => (k.CreatedAt, k.KeyId))]),
            ["keys_revoked"] = Of("keys_revoked", [.. keys.Where(k => Within(k.RevokedAt))
                .Select(k => (k.RevokedAt!.Value, k.KeyId))]),
        };
    }

    private static RecordEvidenceAnswer Of(
        string kind, ImmutableArray<(DateTimeOffset At, string Id)> rows) => new(
        kind, "api_keys", rows.Length, rows.Length == 0 ? null : rows.Min(r => r.At),
        rows.Length == 0 ? null : rows.Max(r => r.At),
        [.. rows.OrderByDescending(r => r.At).Take(LedgerEvidence.SampleMax).Select(r => r.Id)]);
}
