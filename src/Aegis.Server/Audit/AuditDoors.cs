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
