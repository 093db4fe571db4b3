using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Triggers;
using Aegis.Gate;
using Aegis.Gate.Terminals;
using Aegis.Ledger.Federation;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;
using Aegis.Tests.Shared;

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
        await server.Server.Parts.Profiles.AddAsync(keys, "models: { reasoning: large }",
            ImmutableSortedDictionary<string, string>.Empty.Add("knowledge/own.md",
                ArticleText.Of($"own-{key.KeyId}", "Own shape")), "key:a", default);
        // not more at once than a project may have
        await server.Ledger.ExecuteAsync("DELETE FROM webhook_deliveries WHERE webhook_id LIKE 'wh_key_%'");
        await server.Ledger.ExecuteAsync("DELETE FROM webhooks WHERE webhook_id LIKE 'wh_key_%'");
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
        await server.Ledger.ExecuteAsync("""
            INSERT INTO devices (tenant_key, project_key, device_id, key_id, kind, name, scopes, paired_by)
            VALUES ($1, $2, $3, $4, 'web', 'victim', '{}', 'key:a')
            """,
            // a key of its own: revoking the device must not take the other door's thing away
            keys.Tenant, keys.Project, $"dev_{key.KeyId}", $"of_{key.KeyId}");
        // one at a time, so that no test meets their maximum
        await server.Ledger.ExecuteAsync("DELETE FROM pairing_offers WHERE offer_id LIKE 'off_key_%'");
        await server.Ledger.ExecuteAsync("""
            INSERT INTO pairing_offers (tenant_key, project_key, offer_id, token_hash, key_id, scopes,
              expires_at) VALUES ($1, $2, $3, sha256('x'), $4, '{runs:read}', now() + interval '1 hour')
            """,
            keys.Tenant, keys.Project, $"off_{key.KeyId}", key.KeyId);
        await server.Ledger.ExecuteAsync("""
            INSERT INTO lock_requests (tenant_key, project_key, run_id, task, names, above, node_key, holder,
              actor, ttl_seconds, wait_until, fence, granted_at, expires_at)
            SELECT $1, $2, $3, -1, ARRAY[$3], '{}', max(node_key), 'victim', 'key:a', 600, now(), 1, now(),
              now() + interval '1 hour' FROM nodes
            """,
            keys.Tenant, keys.Project, $"lock_{key.KeyId}");
        await server.ServeSiteAsync();
        await server.Ledger.ExecuteAsync(
            "DELETE FROM model_replacements WHERE replacement_id LIKE 'rep_key_%' AND tenant_key = $1",
            keys.Tenant);
        await server.Seed.ReplacementAsync(keys, $"rep_{key.KeyId}");
        await server.Ledger.ExecuteAsync("DELETE FROM project_vaccines WHERE tenant_key = $1", keys.Tenant);
        await server.Seed.VaccineAsync(keys, VaccineOf(key.KeyId));
        await server.Ledger.ExecuteAsync("INSERT INTO chat_sessions (tenant_key, project_key, session_id, "
            + "actor, language) VALUES ($1, $2, $3, 'key:a', 'en')", keys.Tenant, keys.Project,
            $"chat_{key.KeyId}");
        OpenTerminal(server, new Tenancy(tenant, "web"), run);
        return new Things(await server.Seed.PlanAsync(keys), run, key.KeyId);
    }

    /// <summary>The id of the vaccine that goes with a key.</summary>
    public static string VaccineOf(string key) =>
        "vac_" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes(key)))[..26];

    private static void OpenTerminal(ServerFixture server, Tenancy tenancy, string run)
    {
        var context = new CallContext(new Principal("key:a", tenancy, []), new RunId(run), "call", 1,
            $"{run}.call.1", new PlanPolicy([], [], null, null),
            ImmutableSortedDictionary<string, string>.Empty, null, null, null, DateTimeOffset.MaxValue);
        // one at a time, so that no test meets their maximum
        server.Engine.LiveTerminals = new LiveTerminals(TimeProvider.System);
        server.Engine.LiveTerminals.Add(new LiveTerminal(context,
            new TerminalOrder(new SandboxCommand(["bash"]), "bash", 80, 24, false),
            TimeProvider.System, null, new CancellationTokenSource()));
    }
}
