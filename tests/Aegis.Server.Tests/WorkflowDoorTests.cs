using System.Net;
using System.Text.Json;
using Aegis.Cli;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Triggers;
using Aegis.Engine;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class WorkflowDoorTests : IDisposable
{
    private readonly ServerFixture server;
    private readonly string name = "w" + Guid.NewGuid().ToString("N")[..12];

    public WorkflowDoorTests(ServerFixture server)
    {
        this.server = server;
        // the engine of these tests compiles nothing; what it would answer stands here
        server.Engine.OnPlan = (_, _) => new PlanView("plan_w", "w", "hash", [])
        {
            Triggers = [new ApiTrigger(), new ScheduleTrigger("0 3 * * *", "UTC", MissedRuns.Skip)],
        };
    }

    public void Dispose()
    {
        server.Engine.OnPlan = null;
        server.Engine.OnStart = null;
    }

    [Fact]
    public async Task Put_RegistersWithTheCallersScopes_InItsOwnProject()
    {
        var key = await server.KeyAsync("acme", "web", "plans:write", "plans:read", "runs:write",
            "tools:git");
        var (status, made) = await PutAsync(key);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((name, "plan_w", true, """["plans:read","plans:write","runs:write","tools:git"]"""),
            (made.GetProperty("name").GetString(), made.GetProperty("plan_id").GetString(),
            made.GetProperty("enabled").GetBoolean(), made.GetProperty("scopes").GetRawText()));
        Assert.Equal("""[{"kind":"api"},"""
            + """{"kind":"schedule","cron":"0 3 * * *","time_zone":"UTC","missed":"Skip"}]""",
            made.GetProperty("triggers").GetRawText());
        Assert.Equal(1, await server.Ledger.ScalarAsync<long>(
            "SELECT count(*) FROM schedules WHERE workflow = $1 AND next_at > now()", name));
        var (_, listed) = await server.SendAsync("GET", "/v1/workflows", key);
        Assert.Contains(name, listed.GetRawText(), StringComparison.Ordinal);
        var (_, theirs) = await server.SendAsync("GET", "/v1/workflows", server.RivalKey);
        Assert.DoesNotContain(name, theirs.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_NeedsTheRightToStartRuns()
    {
        var key = await server.KeyAsync("acme", "web", "plans:write");
        var (status, problem) = await PutAsync(key);
        Assert.Equal((HttpStatusCode.Forbidden, "runs:write"),
            (status, problem.GetProperty("expected").GetString()));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("-a")]
    public async Task Put_AMalformedName_IsRefusedBeforeAnyPlan(string bad)
    {
        var before = server.Engine.Asked.Count;
        var (status, _) = await server.SendAsync("PUT", $"/v1/workflows/{Uri.EscapeDataString(bad)}",
            server.AcmeKey, """{"workflow":"name: w"}""");
        Assert.Equal((HttpStatusCode.BadRequest, before), (status, server.Engine.Asked.Count));
    }

    [Fact]
    public async Task Run_IsTheCallersOwn_AndIsOnRecord()
    {
        await PutAsync(server.AcmeKey);
        RunRequest? asked = null;
        server.Engine.OnStart = (by, _, request) =>
        {
            asked = request;
            Assert.DoesNotContain("plans:write", by.Scopes);
            return Task.FromResult(request.Id!.Value);
        };
        var key = await server.KeyAsync("acme", "web", "runs:write");
        var (status, started) = await server.SendAsync(
            "POST", $"/v1/workflows/{name}:run", key, """{"inputs":{"a":1}}""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(($$"""{"event":"api","workflow":"{{name}}"}""", """{"a":1}"""),
            (asked!.Context!.Value.GetRawText(), asked.Inputs!.Value.GetRawText()));
        var (_, detail) = await server.SendAsync("GET", $"/v1/workflows/{name}", server.AcmeKey);
        var start = detail.GetProperty("starts").EnumerateArray().Single();
        Assert.Equal((started.GetProperty("run_id").GetString(), "started"),
            (start.GetProperty("run_id").GetString(), start.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Run_ThatTheEngineRefuses_IsRefusedOnRecordToo()
    {
        await PutAsync(server.AcmeKey);
        server.Engine.OnStart = (_, _, _) =>
            throw new AegisException(new AegisError("AEGIS1030", "input a is missing"));
        Assert.Equal(HttpStatusCode.BadRequest,
            (await server.SendAsync("POST", $"/v1/workflows/{name}:run", server.AcmeKey)).Status);
        Assert.StartsWith("AEGIS1030", await server.Ledger.ScalarAsync<string>(
            "SELECT error FROM trigger_starts WHERE workflow = $1 AND status = 'refused'", name),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfADisabledWorkflow_OrOneWithoutApi_IsRefused()
    {
        await PutAsync(server.AcmeKey);
        await server.SendAsync("POST", $"/v1/workflows/{name}:disable", server.AcmeKey);
        Assert.Equal("AEGIS6064", await CodeOfRunAsync());
        await server.SendAsync("POST", $"/v1/workflows/{name}:enable", server.AcmeKey);
        Assert.Null(await CodeOfRunAsync());
        server.Engine.OnPlan = (_, _) => new PlanView("plan_w", "w", "hash", []);
        await PutAsync(server.AcmeKey);
        Assert.Equal("AEGIS6064", await CodeOfRunAsync());
    }

    [Fact]
    public async Task Workflows_AreTakenUpTo500AProject()
    {
        var tenancy = new Tenancy("acme", name);
        var keys = await server.Ledger.CreateProjectAsync(tenancy);
        await server.Ledger.ExecuteAsync("""
            INSERT INTO workflows (tenant_key, project_key, name, plan_id, workflow_hash, actor, scopes,
                triggers)
            SELECT $1, $2, 'n' || n, 'p', 'h', 'a', '{}', '[]' FROM generate_series(1, 499) n
            """, keys.Tenant, keys.Project);
        var key = await server.KeyAsync("acme", name, "admin:*");
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(key)).Status);
        var (status, problem) = await server.SendAsync(
            "PUT", "/v1/workflows/more", key, """{"workflow":"name: w"}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "AEGIS4051"),
            (status, problem.GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(key)).Status);
    }

    [Fact]
    public async Task CommandLine_AddsShowsDisablesAndRemoves()
    {
        var file = Path.Combine(TestHome.Make(), $"{name}.yaml");
        await File.WriteAllTextAsync(file, "name: w\n");
        var (exit, shown) = await AegisAsync("workflow", "add", file);
        Assert.Equal((0, $"{name}  enabled  on api, schedule 0 3 * * * UTC  plan_w\n"), (exit, shown));
        Assert.Contains("disabled", (await AegisAsync("workflow", "disable", name)).Shown,
            StringComparison.Ordinal);
        Assert.Contains(name, (await AegisAsync("workflow", "list")).Shown, StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync("workflow", "enable", name)).Exit);
        Assert.Equal(0, (await AegisAsync("workflow", "run", name)).Exit);
        Assert.Contains("started", (await AegisAsync("workflow", "show", name)).Shown,
            StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync("workflow", "remove", name)).Exit);
        Assert.Equal(6, (await AegisAsync("workflow", "show", name)).Exit);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string key) =>
        server.SendAsync("PUT", $"/v1/workflows/{name}", key, "name: w\n", "application/yaml");

    private async Task<string?> CodeOfRunAsync()
    {
        var (_, body) = await server.SendAsync("POST", $"/v1/workflows/{name}:run", server.AcmeKey);
        return body.TryGetProperty("code", out var code) ? code.GetString() : null;
    }

    private async Task<(int Exit, string Shown)> AegisAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var environment = new Dictionary<string, string?>
        {
            ["AEGIS_URL"] = server.Server.Url.ToString(),
            ["AEGIS_KEY"] = server.AcmeKey,
        };
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, output, false, 100,
            environment.GetValueOrDefault), default);
        return (exit, output.ToString());
    }
}
