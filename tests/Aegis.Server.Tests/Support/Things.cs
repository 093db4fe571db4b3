using Aegis.Core;
using Aegis.Core.Plans.Triggers;
using Aegis.Ledger.Federation;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;

namespace Aegis.Server.Tests.Support;

/// <summary>One of everything that a door's path can name, in one project.</summary>
internal sealed record Things(string Plan, string Run, string Key)
{
    public static readonly string OutsideHash = "sha256:" + new string('0', 64);

    public static async Task<Things> MakeAsync(ServerFixture server, TenancyKeys keys, string tenant)
    {
        var run = await server.Seed.RunAsync(keys);
        await server.Seed.SpawnAsync(keys, run + "s");
        await server.Seed.ApprovalAsync(keys, run, "build");
        await server.Seed.EventAsync(keys, run, "RunStarted", "{}");
        await server.Seed.EventAsync(keys, run, "PlanCompleted", "{}");
        server.Engine.Logs[(run, "build", 1)] = ["log"u8.ToArray()];
        var key = await server.Ledger.Tenants.CreateKeyAsync(tenant, "web", "victim", [], default);
        await server.Server.Parts.Secrets.SetAsync(
            new Tenancy(tenant, "web"), keys, "token", "value", "key:a", default);
        await server.Server.Parts.Workflows.PutAsync(keys,
            new NewWorkflow("own", "plan_own", "h",
            "key:a", [], [new ApiTrigger()], null, null), default);
        await server.PutArtifactAsync(tenant, "report", "report.md", $"of {run}");
        await server.Server.Parts.Webhooks.AddAsync(keys, $"wh_{key.KeyId}", "https://example.com",
            ["run.failed"],
            "token", "key:a", default);
        await server.Ledger.ExecuteAsync("""
            INSERT INTO webhook_deliveries (tenant_key, project_key, delivery_id, webhook_id, event, run_id,
              body, status) VALUES ($1, $2, $3, $4, 'run.failed', 'r', '{}', 'dead')
            """,
            keys.Tenant, keys.Project, $"msg_{key.KeyId}", $"wh_{key.KeyId}");
        await server.Server.Parts.OutsideTools.SeeAsync(
            keys, "notes", [new SeenTool("add", OutsideHash, "{}"u8.ToArray())], default);
        return new Things(await server.Seed.PlanAsync(keys), run, key.KeyId);
    }
}
