using Aegis.Core.Findings;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Audits;
using Aegis.Ledger.Audit;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Audit;

/// <summary>The evidence of the caller's project: exported, or verified where it lies.</summary>
public static class AuditDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/audit/export", http => ExportAsync(http, parts)).RequireScope(Scopes.AuditRead)
            .Describe("exportAudit",
                "The project's events with proofs and checkpoints, one JSON object a line",
                door => door.AnswersRaw("application/x-ndjson"));
        routes.MapPost("/v1/audit/verify", http => VerifyAsync(http, parts)).RequireScope(Scopes.AuditRead)
            .Describe("verifyAudit", "Verifies the project's chains",
                door => door.Answers(DoorJson.Default.AuditVerdictAnswer));
        routes.MapGet("/v1/audit/rules", http => RulesAsync(http, parts)).RequireScope(Scopes.AuditRead)
            .Describe("auditRules", "The Auditor's rules as they are in force",
                door => door.Answers(DoorJson.Default.AuditRulesAnswer));
    }

    private static async Task RulesAsync(HttpContext http, DoorParts parts)
    {
        var stored = await parts.Profiles.NewestAsync(http.ProjectKeys(), http.RequestAborted);
        var own = stored is null ? AuditRules.None
            : ProfileParser.Parse(stored.Yaml, "profile.yaml").Value?.Policies.AuditRules ?? AuditRules.None;
        await Body.WriteAsync(http, AuditRulesAnswer.Of(RuleSet.Find(AuditVeto.RulesetRequired)!, own,
            stored?.Version, parts.Time.GetUtcNow()), DoorJson.Default.AuditRulesAnswer);
    }

    // a broken-off export has no end line, so it never verifies as a whole one
    private static async Task ExportAsync(HttpContext http, DoorParts parts)
    {
        _ = http.ProjectKeys();
        var tenancy = http.Caller().Principal.Tenancy;
        http.Response.ContentType = "application/x-ndjson";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentDisposition =
            $"attachment; filename=\"{tenancy.Tenant}.{tenancy.Project}.aegis-export\"";
        // fixes the export up to its end
        await parts.Checkpoints.WriteAsync(http.RequestAborted);
        var export = new LedgerExport(parts.Ledger, parts.Tenants, parts.Options.Home, parts.Time);
        await export.WriteAsync(http.Response.Body, tenancy, http.RequestAborted);
    }

    private static async Task VerifyAsync(HttpContext http, DoorParts parts)
    {
        _ = http.ProjectKeys();
        var audit = new LedgerAudit(parts.Ledger, parts.Options.Home);
        var report = await audit.VerifyAsync(
            AuditScope.Of(http.Caller().Principal.Tenancy), http.RequestAborted);
        await Body.WriteAsync(http, AuditVerdictAnswer.Of(report), DoorJson.Default.AuditVerdictAnswer);
    }
}
