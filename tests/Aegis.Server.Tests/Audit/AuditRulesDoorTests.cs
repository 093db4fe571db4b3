using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Findings;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Audit;

/// <summary>A project changes the Auditor's rules: by whom, with which reason, and what that does to
/// verdicts.</summary>
[Collection(RealServerGroup.Name)]
public sealed class AuditRulesDoorTests(RealServer real) : IAsyncLifetime
{
    private const string Rule = "aegis-js-open-cors";

    private readonly Tenancy tenancy = new($"r{Guid.CreateVersion7():n}"[..20], "web");
    private string key = "";

    public async Task InitializeAsync()
    {
        await real.ProjectAsync(tenancy);
        key = (await real.MakeKeyAsync(tenancy)).Secret;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Waiver_LetsARunPass_AndOnceItIsGoneThatPassOpensNothing()
    {
        await PutAsync(Waiver(30));
        var (run, hash) = await AuditedAsync();
        await PutAsync("{}");
        Assert.NotEqual(hash, await HashAsync());

        await GrantAsync(run);
        var denied = Payload(await real.EndedAsync(run, key), "TaskFailed", "push").GetProperty("error");
        Assert.Equal("AEGIS2651", denied.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Pass_UnderTheRulesInForce_IsNotStoppedByThem_AndWithoutAWaiverTheTreeIsVetoed()
    {
        await PutAsync(Waiver(30));
        var (run, hash) = await AuditedAsync();
        Assert.Equal(hash, await HashAsync());
        await GrantAsync(run);
        // what stops it then is that the run has no repository, not the Auditor
        var failed = Payload(await real.EndedAsync(run, key), "TaskFailed", "push").GetProperty("error");
        Assert.DoesNotContain("AEGIS26", failed.GetProperty("code").GetString(), StringComparison.Ordinal);

        await PutAsync("{}");
        var events = await real.EndedAsync(await StartAsync(), key);
        Assert.Equal("vulnerable", Payload(events, "AuditFailed", "audit").GetProperty("audit")
            .GetProperty("build_status").GetString());
    }

    [Fact]
    public async Task Change_IsAFact_WithWhoFromToAndReason()
    {
        var before = await HashAsync();
        await PutAsync(Waiver(30));
        var fact = await FactAsync(1);
        var change = fact.GetProperty("changes")[0];
        Assert.Equal((1, before, await HashAsync(), Rule, "own", "off", true, "the API is public"),
            (fact.GetProperty("profile_version").GetInt32(), fact.GetProperty("from_hash").GetString(),
            fact.GetProperty("to_hash").GetString(), change.GetProperty("rule").GetString(),
            change.GetProperty("from").GetString(), change.GetProperty("to").GetString(),
            change.GetProperty("loosens").GetBoolean(), change.GetProperty("reason").GetString()));
        Assert.StartsWith("key:", fact.GetProperty("actor").GetString(), StringComparison.Ordinal);
        // a profile that leaves the rules alone is none
        await PutAsync(Waiver(30) + "\n# the same");
        await PutAsync("{}");
        Assert.Equal(3, (await FactAsync(2)).GetProperty("profile_version").GetInt32());
        var (_, rules, _) = await real.SendAsync("GET", "/v1/audit/rules", key: key);
        Assert.Equal((before, 0), (rules.GetProperty("hash").GetString(),
            rules.GetProperty("changes").GetArrayLength()));
    }

    [Fact]
    public async Task Loosening_WithoutAReason_IsRefused_AndChangesNothing()
    {
        await PutAsync("policies: { audit_rules: { blocks_from: warning } }");
        var hash = await HashAsync();
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, "AEGIS2650", "{}");
        Assert.Equal(hash, await HashAsync());
        await PutAsync("{}", "the trial has ended");
        Assert.Equal("the trial has ended", (await FactAsync(2)).GetProperty("reason").GetString());
        var (status, body, _) = await SendAsync("policies: { audit_rules: { rules: { r: off } } }", null,
            key);
        Assert.True(!body.GetRawText().Contains("\"version\"", StringComparison.Ordinal), $"{status}");
        Assert.Contains("AEGIS2652", body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiver_ForAYear_IsTaken_AndForADayMoreIsNot()
    {
        await PutAsync(Waiver(AuditRules.WaiverDaysMax));
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, "AEGIS2654",
            Waiver(AuditRules.WaiverDaysMax + 1));
    }

    [Fact]
    public async Task Change_NeedsTheScopeThatApproves()
    {
        var made = await real.SendAsync("POST", "/v1/keys", JsonSerializer.Serialize(
            new { name = "writer", scopes = new[] { "profile:write" }, project = "web" }), key);
        var writer = made.Body.GetProperty("key").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("{}", null, writer)).Status);
        var (status, body, _) = await SendAsync("policies: { audit_rules: { blocks_from: warning } }", "x",
            writer);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("approvals:write", body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandLine_ShowsTheRulesInForce()
    {
        await PutAsync(Waiver(30));
        var (exit, table, _) = await real.AegisAsync(["audit", "rules"], key);
        Assert.Equal(0, exit);
        Assert.Contains(Rule, table, StringComparison.Ordinal);
        Assert.Contains("the API is public", table, StringComparison.Ordinal);
        var (_, json, _) = await real.AegisAsync(["audit", "rules", "--json"], key);
        Assert.Equal(await HashAsync(), JsonElement.Parse(json).GetProperty("hash").GetString());
    }

    private static string Waiver(int days) => $$"""
        policies:
          audit_rules:
            rules:
              {{Rule}}:
                severity: off
                reason: the API is public
                until: {{TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(days):yyyy-MM-dd}}
        """;

    // audited, and waiting for somebody who lets it push
    private async Task<(string Run, string Hash)> AuditedAsync()
    {
        var run = await StartAsync();
        var events = await real.EventsUntilAsync(run, key,
            seen => seen.Any(e => e.GetProperty("type").GetString() == "ApprovalRequested"));
        var audit = Payload(events, "AuditPassed", "audit").GetProperty("audit");
        return (run, audit.GetProperty("ruleset_hash").GetString()!);
    }

    private async Task<string> StartAsync()
    {
        var started = await real.SendAsync("POST", "/v1/runs", JsonSerializer.Serialize(new
        {
            workflow = """
                name: audited
                steps:
                  - id: write
                    uses: file.write
                    with:
                      path: app/app.js
                      content: "res.setHeader('Access-Control-Allow-Origin', req.headers.origin);\n"
                  - { id: audit, uses: audit.scan, with: { cwd: /work/app } }
                  - { id: push, uses: git.push, approve: "push?" }
                """,
        }), key);
        Assert.True(started.Status == HttpStatusCode.Accepted, started.Body.GetRawText());
        return started.Body.GetProperty("run_id").GetString()!;
    }

    private async Task GrantAsync(string run)
    {
        var (status, _, _) = await real.SendAsync("POST", $"/v1/approvals/{run}.push:grant", "{}", key);
        Assert.InRange((int)status, 200, 299);
    }

    private static JsonElement Payload(IReadOnlyList<JsonElement> events, string type, string step)
    {
        var found = events.Where(e => e.GetProperty("type").GetString() == type
            && e.GetProperty("payload").GetProperty("step_id").GetString() == step).ToList();
        Assert.True(found.Count == 1, string.Join('\n', events.Select(e => e.GetRawText())));
        return found[0].GetProperty("payload");
    }

    private async Task<string> HashAsync() =>
        (await real.SendAsync("GET", "/v1/audit/rules", key: key)).Body.GetProperty("hash").GetString()!;

    private async Task<JsonElement> FactAsync(int version) => JsonElement.Parse(await real.UntilAsync("""
        SELECT convert_from(e.payload, 'UTF8') FROM events e JOIN streams s USING (stream_key)
          JOIN tenants t ON t.tenant_key = e.tenant_key
         WHERE t.tenant_id = $1 AND s.stream_id = 'audit-rules' AND e.version = $2
           AND e.type = 'AuditRulesChanged'
        """, tenancy.Tenant, version));

    private async Task PutAsync(string yaml, string? reason = null)
    {
        var (status, body, _) = await SendAsync(yaml, reason, key);
        Assert.True(status == HttpStatusCode.OK, body.GetRawText());
    }

    private async Task RefusedAsync(HttpStatusCode expected, string code, string yaml)
    {
        var (status, body, _) = await SendAsync(yaml, null, key);
        Assert.Equal((expected, code), (status, body.GetProperty("code").GetString()));
    }

    private Task<(HttpStatusCode Status, JsonElement Body, string? Location)> SendAsync(
        string yaml, string? reason, string by) =>
        real.SendAsync("PUT", "/v1/profile", JsonSerializer.Serialize(
            reason is null ? (object)new { yaml } : new { yaml, reason }), by);
}
