using System.Net;
using System.Text.Json;
using Aegis.Cli;
using Aegis.Core;
using Aegis.Server.Policies;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>The gate's policy over HTTP, against the whole product: each wall shows that the same call goes
/// through without it.</summary>
[Collection(RealServerGroup.Name)]
public sealed class PolicyDoorTests(RealServer server)
{
    private const string Ls = """{"input":{"cmd":"ls"},"policy":{"allow_commands":["ls","git *"]}}""";
    private const string Log = """{"input":{"cmd":"git log"},"policy":{"allow_commands":["git *"]}}""";

    [Fact]
    public async Task ToolsAllowed_HoldsForListsCallsAndExplanations_TheMomentItIsStored()
    {
        var (_, key) = await TenantAsync("listed");
        Assert.Contains("flow.noop", await ListedAsync(key));
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("flow.noop", "{}", key)).Status);
        await StoreAsync(key, "policies: {tools_allowed: [shell]}");
        Assert.Equal(["shell.exec"], await ListedAsync(key));
        var (status, problem) = await InvokeAsync("flow.noop", "{}", key);
        Assert.Equal((HttpStatusCode.Forbidden, "AEGIS2502"), (status, Text(problem, "code")));
        var told = await ExplainAsync(key, """{"tool":"flow.noop"}""");
        Assert.Equal(("deny", "tools_allowed", "tools_allowed"),
            (Text(told, "decision"), Text(told, "stage"), Text(told, "rule")));
        Assert.NotEmpty(Text(told.GetProperty("error"), "mend"));
        await StoreAsync(key, "policies: {}");
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("flow.noop", "{}", key)).Status);
    }

    [Fact]
    public async Task Rule_DeniesAndAsks_AndAnotherVersionAsksAgain()
    {
        var (_, key) = await TenantAsync("ruled");
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("shell.exec", Ls, key)).Status);
        await StoreAsync(key, "policies: {rules: [{id: no, command: ls, decision: deny, reason: not here}]}");
        var (status, problem) = await InvokeAsync("shell.exec", Ls, key);
        Assert.Equal((HttpStatusCode.Forbidden, "AEGIS2504", "rule no"),
            (status, Text(problem, "code"), Text(problem, "rule")));
        const string look = "policies: {rules: [{id: look, command: ls, decision: ask, reason: look}]}";
        await StoreAsync(key, look);
        var (asked, call) = await InvokeAsync("shell.exec", Ls, key);
        Assert.Equal((HttpStatusCode.Accepted, "waiting_approval"), (asked, Text(call, "status")));
        await StoreAsync(key, look + " # 2");
        await server.SendAsync("POST", $"/v1/approvals/{Text(call, "approval_id")}:grant", "{}", key);
        var again = await UntilAskedTwiceAsync(Text(call, "run_id"), key);
        await server.SendAsync("POST", $"/v1/approvals/{again}:grant", "{}", key);
        Assert.Equal("PlanCompleted",
            (await server.EndedAsync(Text(call, "run_id"), key))[^1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task RateLimit_Answers429_WithRetryAfter()
    {
        var (_, key) = await TenantAsync("hasty");
        await StoreAsync(key, "policies: {rate_limits: {flow: {rpm: 2}}}");
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("flow.noop", "{}", key)).Status);
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tools/flow.noop:invoke");
        request.Headers.Authorization = new("Bearer", key);
        request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var reply = await server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.TooManyRequests, reply.StatusCode);
        Assert.InRange(reply.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
    }

    [Fact]
    public async Task Tier_OfATenantAndAKey_BothHold_AndNobodyLiftsTheirOwn()
    {
        var (tenant, key) = await TenantAsync("tiered");
        var operators = await server.KeyAsync(tenant, "operator:tenants");
        Assert.Equal(HttpStatusCode.NoContent, await SetTierAsync(tenant, "pro", operators));
        Assert.Equal("AEGIS2506", await CodeAsync(Ls, key));
        Assert.Equal("AEGIS2101", await CodeAsync(Log, key));
        var (_, made, _) = await server.SendAsync("POST", "/v1/keys",
            """{"name":"narrow","scopes":["admin:*"],"project":"web"}""", key);
        Assert.Equal(HttpStatusCode.NoContent,
            await SetKeyTierAsync(Text(made, "key_id"), "gratis", key));
        var narrow = Text(made, "key");
        Assert.Equal("AEGIS2506", await CodeAsync(Log, narrow));
        Assert.Equal(HttpStatusCode.Forbidden,
            await SetKeyTierAsync(Text(made, "key_id"), null, narrow));
        var (_, child, _) = await server.SendAsync("POST", "/v1/keys",
            """{"name":"child","scopes":["admin:*"],"project":"web"}""", narrow);
        Assert.Equal("AEGIS2506", await CodeAsync(Log, Text(child, "key")));
        Assert.Equal(HttpStatusCode.NoContent, await SetTierAsync(tenant, null, operators));
        Assert.Null(await CodeAsync(Ls, key));
    }

    [Fact]
    public async Task Tier_WhatIsNotThere_IsRefused()
    {
        var (tenant, key) = await TenantAsync("unknown");
        var operators = await server.KeyAsync(tenant, "operator:tenants");
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            await SetTierAsync(tenant, "gold", operators));
        Assert.Equal(HttpStatusCode.NotFound, await SetTierAsync("none", "pro", operators));
        Assert.Equal(HttpStatusCode.NotFound, await SetKeyTierAsync("key_none", "pro", key));
        Assert.Equal(HttpStatusCode.Forbidden, await SetTierAsync(tenant, "pro", key));
    }

    [Fact]
    public async Task Replay_ShowsWhatAChangedRuleWouldHaveDecided()
    {
        var (_, key) = await TenantAsync("replayed");
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("shell.exec", Ls, key)).Status);
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("flow.noop", "{}", key)).Status);
        await ListedAsync("replayed", 2);
        var same = await ReplayAsync(key, null);
        Assert.Equal(2, same.GetProperty("calls").GetInt32());
        Assert.Equal(0, same.GetProperty("changed").GetArrayLength());
        var changed = await ReplayAsync(key,
            "policies: {rules: [{id: no, command: ls, decision: deny, reason: not here}]}");
        var one = Assert.Single(changed.GetProperty("changed").EnumerateArray());
        Assert.Equal(("shell.exec", "allow", "deny", "rule no"),
            (Text(one, "tool"), Text(one, "was"), Text(one, "would"), Text(one, "rule")));
    }

    [Fact]
    public async Task Quota_OfATenantsMonth_IsRefusedByExplanationAndCall()
    {
        var (tenant, key) = await TenantAsync("spent");
        var operators = await server.KeyAsync(tenant, "operator:tenants");
        await AddTierAsync("two", "{\"calls_month\": 2}");
        Assert.Equal(HttpStatusCode.NoContent, await SetTierAsync(tenant, "two", operators));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("allow", Text(await ExplainAsync(key, """{"tool":"ping"}"""), "decision"));
            Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("ping", "{}", key)).Status);
        }
        var (status, problem) = await InvokeAsync("ping", "{}", key);
        Assert.Equal((HttpStatusCode.TooManyRequests, "AEGIS2508"), (status, Text(problem, "code")));
        var told = await ExplainAsync(key, """{"tool":"ping"}""");
        Assert.Equal(("deny", "quota"), (Text(told, "decision"), Text(told, "stage")));
        Assert.Equal(HttpStatusCode.NoContent, await SetTierAsync(tenant, null, operators));
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("ping", "{}", key)).Status);
    }

    [Fact]
    public async Task Explanation_SpeaksOfWhatIsLeftOfEachQuota_AndTheCallAgrees()
    {
        var (tenant, key) = await TenantAsync("tokens");
        var operators = await server.KeyAsync(tenant, "operator:tenants");
        await AddTierAsync("few", "{\"calls_minute\": 60, \"calls_month\": 9}");
        Assert.Equal(HttpStatusCode.NoContent, await SetTierAsync(tenant, "few", operators));
        await StoreAsync(key, "policies: {quotas: {tokens_month: 100}}");
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("ping", "{}", key)).Status);

        var told = await ExplainAsync(key, """{"tool":"ping"}""");
        Assert.Equal("allow", Text(told, "decision"));
        Assert.Equal([$"tenant {tenant} calls month 9 8 1", "project web tokens month 100 100 -"],
            Left(told).Skip(1));
        Assert.StartsWith($"tenant {tenant} calls of tools minute 60 ", Left(told)[0],
            StringComparison.Ordinal);

        // 11 bytes, 16 tokens around a message, and the longest answer
        var (over, edge) = (Chat(74), Chat(73));
        told = await ExplainAsync(key, $"{{\"tool\":\"llm.chat\",\"input\":{over}}}");
        Assert.Equal(("deny", "quota", "AEGIS2508"), (Text(told, "decision"), Text(told, "stage"),
            Text(told.GetProperty("error"), "code")));
        Assert.Equal("project web tokens month 100 100 101 refuses", Left(told)[^1]);
        var (status, problem) = await InvokeAsync("llm.chat", $"{{\"input\":{over}}}", key);
        Assert.Equal((HttpStatusCode.TooManyRequests, "AEGIS2508"), (status, Text(problem, "code")));
        told = await ExplainAsync(key, $"{{\"tool\":\"llm.chat\",\"input\":{edge}}}");
        Assert.Equal(("allow", "project web tokens month 100 100 100"),
            (Text(told, "decision"), Left(told)[^1]));
        var (exit, said) = await AegisAsync(key, "policy", "explain", "llm.chat", "-i", "prompt=hello there",
            "-i", "max_tokens=74");
        Assert.Equal(4, exit);
        Assert.Contains("refused: at most 101", said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, await SetTierAsync(tenant, null, operators));
    }

    [Fact]
    public async Task Tier_IsShownByListsOfTenantsAndKeys()
    {
        var (tenant, key) = await TenantAsync("shown");
        var operators = await server.KeyAsync(tenant, "operator:tenants", "admin:keys");
        Assert.Null(await TierOfAsync("/v1/tenants", "id", tenant, operators));
        await SetTierAsync(tenant, "pro", operators);
        Assert.Equal("pro", await TierOfAsync("/v1/tenants", "id", tenant, operators));
        var (_, made, _) = await server.SendAsync("POST", "/v1/keys",
            """{"name":"narrow","scopes":["admin:*"],"project":"web"}""", key);
        var id = Text(made, "key_id");
        Assert.Null(await TierOfAsync("/v1/keys", "key_id", id, key));
        await SetKeyTierAsync(id, "gratis", key);
        Assert.Equal("gratis", await TierOfAsync("/v1/keys", "key_id", id, key));
        var (_, one, _) = await server.SendAsync("GET", $"/v1/keys/{id}", null, key);
        Assert.Equal("gratis", Text(one, "tier"));
        Assert.Contains("pro", (await AegisAsync(operators, "tenant", "list")).Out.Split('\n')
            .Single(l => l.StartsWith(tenant + " ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("gratis", (await AegisAsync(key, "key", "list")).Out.Split('\n')
            .Single(l => l.StartsWith(id, StringComparison.Ordinal)), StringComparison.Ordinal);
        await SetTierAsync(tenant, null, operators);
        Assert.Null(await TierOfAsync("/v1/tenants", "id", tenant, operators));
    }

    [Fact]
    public async Task Scopes_AreGivenByKindAndByTool()
    {
        await TenantAsync("scoped");
        foreach (var (scope, listed) in ((string, string[])[])
        [
            ("tools:ping", ["ping"]), ("tools:git.push", ["git.push"]), ("tools:generate", []),
            ("tools:review", []), ("tools:fix", ["fix", "repair.apply"]),
            ("tools:deploy", ["deploy.container", "deploy.process", "deploy.pulumi", "deploy.static",
                "deploy.terraform", "project.check", "project.scaffold"]),
        ])
        {
            var (status, made, _) = await server.SendAsync("POST", "/v1/keys", JsonSerializer.Serialize(
                new { name = "a", scopes = new[] { scope, "runs:write" }, project = "web" }),
                await server.KeyAsync("scoped", "admin:*"));
            Assert.Equal(HttpStatusCode.Created, status);
            Assert.Equal(listed, await ListedAsync(Text(made, "key")));
            var ping = await InvokeAsync("ping", "{}", Text(made, "key"));
            Assert.Equal(scope == "tools:ping" ? HttpStatusCode.OK : HttpStatusCode.Forbidden, ping.Status);
        }
    }

    [Fact]
    public async Task Profile_ThatIsWrong_IsRefusedWithEveryError_AndTheOldOneHolds()
    {
        var (_, key) = await TenantAsync("kept");
        await StoreAsync(key, "policies: {tools_allowed: [ping]}");
        var (status, problem, _) = await server.SendAsync("PUT", "/v1/profile", JsonSerializer.Serialize(new
        {
            yaml = """
                policies:
                  tools_allowed: [git..push]
                  rules:
                    - { id: a, decision: no, reason: x }
                    - { id: b, command: ls, decision: deny, reason: x, examples: { hits: [cat] } }
                """,
        }), key);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal(
            [("AEGIS2314", 2, 19), ("AEGIS2314", 4, 26), ("AEGIS2510", 5, 75)],
            problem.GetProperty("errors").EnumerateArray().Select(e => (Text(e, "code"),
                e.GetProperty("line").GetInt32(), e.GetProperty("column").GetInt32())));
        Assert.All(problem.GetProperty("errors").EnumerateArray(), e => Assert.All(
            (string[])["file", "expected", "got", "mend"], m => Assert.NotEmpty(Text(e, m))));
        Assert.Equal(["ping"], await ListedAsync(key));
    }

    [Fact]
    public async Task Replay_RunsMax_IsTheLimit()
    {
        var (_, key) = await TenantAsync("manyruns");
        for (var i = 0; i < PolicyReplay.RunsMax; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await InvokeAsync("ping", "{}", key)).Status);
        }
        await ListedAsync("manyruns", PolicyReplay.RunsMax);
        var whole = await ReplayAsync(key, null);
        Assert.Equal((PolicyReplay.RunsMax, false), (whole.GetProperty("runs").GetInt32(), More(whole)));
        await InvokeAsync("ping", "{}", key);
        await ListedAsync("manyruns", PolicyReplay.RunsMax + 1);
        var cut = await ReplayAsync(key, null);
        Assert.Equal((PolicyReplay.RunsMax, true), (cut.GetProperty("runs").GetInt32(), More(cut)));
    }

    [Fact]
    public async Task Replay_ChangedMax_IsTheLimit()
    {
        const string none = "policies: {tools_allowed: []}";
        var (_, key) = await TenantAsync("manychanges");
        await RunAsync(key, PolicyReplay.ChangedMax);
        await ListedAsync("manychanges", 1);
        var whole = await ReplayAsync(key, none);
        Assert.Equal((PolicyReplay.ChangedMax, false),
            (whole.GetProperty("changed").GetArrayLength(), More(whole)));
        await RunAsync(key, 1);
        await ListedAsync("manychanges", 2);
        var cut = await ReplayAsync(key, none);
        Assert.Equal((PolicyReplay.ChangedMax, true),
            (cut.GetProperty("changed").GetArrayLength(), More(cut)));
    }

    [Fact]
    public async Task Commands_ExplainTestAndReplay()
    {
        var (_, key) = await TenantAsync("commands");
        var (exit, said) = await AegisAsync(key, "policy", "explain", "shell.exec", "-i",
            "cmd=git -c a=b log", "--allow-command", "git *");
        Assert.Equal(4, exit);
        Assert.Contains("deny, by git.option", said, StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync(key, "policy", "explain", "flow.noop")).Exit);
        var file = Path.Combine(Directory.CreateTempSubdirectory("aegis-policy-").FullName, "profile.yaml");
        await File.WriteAllTextAsync(file, """
            policies:
              rules:
                - { id: a, command: ls, decision: deny, reason: no, examples: { hits: [ls], passes: [cat] } }
            """);
        Assert.Equal((0, "1 rules, 2 examples, 0 errors\n"), await AegisAsync(key, "policy", "test", file));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("[cat]", "[ls -l]"));
        Assert.Equal(1, (await AegisAsync(key, "policy", "test", file)).Exit);
        Assert.Equal(0, (await AegisAsync(key, "policy", "replay", "--since", "1d")).Exit);
        Assert.Equal(0, (await AegisAsync(key, "tier", "list")).Exit);
    }

    private async Task AddTierAsync(string name, string quotas)
    {
        var file = Path.Combine(server.Home, "allowlist.json");
        var before = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, before.TrimEnd()[..^1]
            + $", \"{name}\": {{\"commands\": [], \"quotas\": {quotas}}}}}");
    }

    private static string Chat(int longest) => $"{{\"prompt\":\"hello there\",\"max_tokens\":{longest}}}";

    private static IReadOnlyList<string> Left(JsonElement told) =>
        [.. told.GetProperty("quotas").EnumerateArray().Select(q => string.Join(' ',
            Text(q, "holder"), Text(q, "quota"), Text(q, "period"), q.GetProperty("limit"),
            q.GetProperty("left"), q.TryGetProperty("wanted", out var wanted) ? wanted : "-",
            q.GetProperty("refuses").GetBoolean() ? "refuses" : "").TrimEnd())];

    private async Task<string?> TierOfAsync(string list, string member, string id, string key)
    {
        var (_, found, _) = await server.SendAsync("GET", list + "?limit=200", null, key);
        var one = found.GetProperty("items").EnumerateArray().Single(i => Text(i, member) == id);
        return one.TryGetProperty("tier", out var tier) ? tier.GetString() : null;
    }

    private async Task RunAsync(string key, int steps)
    {
        var workflow = "name: w\nsteps:\n" + string.Concat(
            Enumerable.Range(0, steps).Select(i => $"  - {{ id: s{i}, uses: ping }}\n"));
        var (_, run, _) = await server.SendAsync(
            "POST", "/v1/runs", JsonSerializer.Serialize(new { workflow }), key);
        var id = Text(run, "run_id");
        Assert.Equal("PlanCompleted", (await server.EndedAsync(id, key))[^1].GetProperty("type").GetString());
    }

    /// <summary>Waits until lists of runs show them all.</summary>
    private Task ListedAsync(string tenant, int runs) => server.UntilAsync("""
        SELECT 'all' FROM runs_read JOIN tenants USING (tenant_key) WHERE tenant_id = $1 HAVING count(*) = $2
        """, tenant, (long)runs);

    private static bool More(JsonElement replay) => replay.GetProperty("more").GetBoolean();

    private async Task<(string Tenant, string Key)> TenantAsync(string name)
    {
        await server.ProjectAsync(new Tenancy(name, "web"));
        return (name, await server.KeyAsync(name, "admin:*"));
    }

    private async Task<IReadOnlyList<string>> ListedAsync(string key) =>
        [.. (await server.SendAsync("GET", "/v1/tools?limit=200", null, key)).Body.GetProperty("items")
            .EnumerateArray().Select(t => Text(t, "name"))];

    private async Task<(HttpStatusCode Status, JsonElement Body)> InvokeAsync(
        string tool, string body, string key)
    {
        var (status, answer, _) = await server.SendAsync("POST", $"/v1/tools/{tool}:invoke", body, key);
        return (status, answer);
    }

    /// <summary>The code of the refusal or of the failure; null where the call did what it should.</summary>
    private async Task<string?> CodeAsync(string body, string key)
    {
        var (_, answer) = await InvokeAsync("shell.exec", body, key);
        return answer.TryGetProperty("code", out var code) ? code.GetString()
            : answer.TryGetProperty("error", out var error) ? Text(error, "code") : null;
    }

    private async Task<JsonElement> ExplainAsync(string key, string body) =>
        (await server.SendAsync("POST", "/v1/policy:explain", body, key)).Body;

    private async Task<JsonElement> ReplayAsync(string key, string? profile)
    {
        var body = JsonSerializer.Serialize(new { since = "2020-01-01T00:00:00Z", profile });
        return (await server.SendAsync("POST", "/v1/policy:replay", body, key)).Body;
    }

    private async Task StoreAsync(string key, string yaml)
    {
        var (status, _, _) = await server.SendAsync(
            "PUT", "/v1/profile", JsonSerializer.Serialize(new { yaml }), key);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    private async Task<HttpStatusCode> SetTierAsync(string tenant, string? tier, string key) =>
        (await server.SendAsync("POST", "/v1/tenants:tier",
            JsonSerializer.Serialize(new { tenant, tier }), key)).Status;

    private async Task<HttpStatusCode> SetKeyTierAsync(string id, string? tier, string key) =>
        (await server.SendAsync("POST", $"/v1/keys/{id}:tier", JsonSerializer.Serialize(new { tier }), key))
        .Status;

    private async Task<string> UntilAskedTwiceAsync(string run, string key)
    {
        var asked = await server.EventsUntilAsync(run, key,
            events => events.Count(e => Text(e, "type") == "ApprovalRequested") == 2);
        return Text(asked.Last(e => Text(e, "type") == "ApprovalRequested").GetProperty("payload"),
            "approval_id");
    }

    private async Task<(int Exit, string Out)> AegisAsync(string key, params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, error, false, 200,
            name => name switch
            {
                "AEGIS_URL" => server.Server.Url.ToString(),
                "AEGIS_KEY" => key,
                _ => null,
            }), CancellationToken.None);
        return (exit, output.ToString());
    }

    private static string Text(JsonElement of, string member) => of.GetProperty(member).GetString()!;
}
