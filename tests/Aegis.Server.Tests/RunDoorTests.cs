using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Engine;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class RunDoorTests(ServerFixture server)
{
    [Fact]
    public async Task Run_ShowsItsTasksInPlanOrderWithTheirNeeds()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        var (status, body) = await server.SendAsync("GET", $"/v1/runs/{run}", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("ci", "running", 2, 0.25m), (body.GetProperty("name").GetString(),
            body.GetProperty("status").GetString(), body.GetProperty("tasks_total").GetInt32(),
            body.GetProperty("cost_usd").GetDecimal()));
        var tasks = body.GetProperty("tasks").EnumerateArray().ToList();
        Assert.Equal(["build", "test"], tasks.Select(t => t.GetProperty("step_id").GetString()));
        Assert.Equal("[]", tasks[0].GetProperty("needs").GetRawText());
        Assert.Equal("""["build"]""", tasks[1].GetProperty("needs").GetRawText());
        Assert.Equal("m", tasks[0].GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Runs_PageByCursor_WithoutGapOrRepeat()
    {
        await server.Ledger.CreateProjectAsync(new Tenancy("acme", "paged"));
        var keys = (await server.Ledger.Tenants.ResolveAsync(new Tenancy("acme", "paged"), default))!.Value;
        var key = await server.KeyAsync("acme", "paged", "runs:read");
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            // three share one instant: the cursor must tell them apart by id
            made.Add(await server.Seed.RunAsync(
                keys, i % 2 == 0 ? "succeeded" : "failed", at: Seed.At.AddSeconds(i / 3)));
        }
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var (_, page) = await server.SendAsync(
                "GET", $"/v1/runs?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", key);
            seen.AddRange(
                page.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("run_id").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Reverse(made), seen);
        var (_, failed) = await server.SendAsync("GET", "/v1/runs?status=failed", key);
        Assert.Equal(3, failed.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Run_ShowsItsKin_AndTheListItsChildren()
    {
        var (above, below) = (await server.Seed.RunAsync(server.AcmeKeys), await server.Seed.RunAsync(
            server.AcmeKeys));
        await server.Ledger.ExecuteAsync(
            $"UPDATE runs_read SET parent_run = '{above}', parent_step = 'call', retry_of = 'run_old' "
            + $"WHERE run_id = '{below}'");
        var (_, child) = await server.SendAsync("GET", $"/v1/runs/{below}", server.AcmeKey);
        Assert.Equal((above, "call", "run_old"), (
            child.GetProperty("parent").GetProperty("run_id").GetString(),
            child.GetProperty("parent").GetProperty("step_id").GetString(),
            child.GetProperty("retry_of").GetString()));
        var (_, parent) = await server.SendAsync("GET", $"/v1/runs/{above}", server.AcmeKey);
        Assert.Equal($$"""[{"run_id":"{{below}}","step_id":"call","name":"ci","status":"running"}]""",
            parent.GetProperty("children").GetRawText());
        var (_, listed) = await server.SendAsync("GET", $"/v1/runs?parent={above}", server.AcmeKey);
        Assert.Equal(below, Assert.Single(listed.GetProperty("items").EnumerateArray())
            .GetProperty("run_id").GetString());
        var (_, theirs) = await server.SendAsync("GET", $"/v1/runs?parent={above}", server.RivalKey);
        Assert.Equal(0, theirs.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Retry_HandsOnItsEdits_AndAnswersWithTheNewRun()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, "failed");
        var (status, made) = await server.SendAsync("POST", $"/v1/runs/{run}:retry", server.AcmeKey,
            """{"from":["build"],"inputs":{"n":1},"with":{"test":{"cmd":"ls"}},"reason":"flaky"}""");
        Assert.Equal((HttpStatusCode.Accepted, "run_again", run), (status,
            made.GetProperty("run_id").GetString(), made.GetProperty("retry_of").GetString()));
        Assert.Contains(server.Engine.Asked, a => $"{a}".Contains(
            $$$"""{{{run}}}, build, {"n":1}, {"test":{"cmd":"ls"}}, flaky""", StringComparison.Ordinal));
        var (bare, _) = await server.SendAsync("POST", $"/v1/runs/{run}:retry", server.AcmeKey);
        Assert.Equal(HttpStatusCode.Accepted, bare);
        var (rival, _) = await server.SendAsync("POST", $"/v1/runs/{run}:retry", server.RivalKey);
        Assert.Equal(HttpStatusCode.NotFound, rival);
    }

    [Theory]
    [InlineData(DoorLimits.RetryFromMax, HttpStatusCode.Accepted)]
    [InlineData(DoorLimits.RetryFromMax + 1, HttpStatusCode.BadRequest)]
    [InlineData(0, HttpStatusCode.BadRequest)]
    public async Task Retry_NamesSoManySteps(int steps, HttpStatusCode expected)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, "failed");
        var (status, _) = await server.SendAsync("POST", $"/v1/runs/{run}:retry", server.AcmeKey,
            $$"""{"from":[{{string.Join(',', Enumerable.Range(0, steps).Select(i => $"\"s{i}\""))}}]}""");
        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Plan_StatusAnswersForTheNewestRunAndListsTheOthers()
    {
        var plan = await server.Seed.PlanAsync(server.AcmeKeys);
        var (_, none) = await server.SendAsync("GET", $"/v1/plans/{plan}/status", server.AcmeKey);
        Assert.Equal("never_run", none.GetProperty("status").GetString());
        var old = await server.Seed.RunAsync(server.AcmeKeys, "failed", plan, at: Seed.At);
        var recent = await server.Seed.RunAsync(
            server.AcmeKeys, "succeeded", plan, at: Seed.At.AddMinutes(1));
        var (_, body) = await server.SendAsync("GET", $"/v1/plans/{plan}/status", server.AcmeKey);
        Assert.Equal("succeeded", body.GetProperty("status").GetString());
        Assert.Equal(recent, body.GetProperty("run").GetProperty("run_id").GetString());
        Assert.Equal([recent, old],
            body.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("run_id").GetString()));
    }

    [Fact]
    public async Task Plan_BeforeItsRowIsWritten_IsReadFromItsFact()
    {
        var id = $"plan_{Guid.NewGuid():N}";
        await server.Seed.StreamAsync(server.AcmeKeys, id);
        await server.Seed.EventAsync(server.AcmeKeys, id, "PlanCreated",
            """{"name":"fresh","workflow_hash":"h","tasks":[{"step_id":"a"}]}""");
        var (status, plan) = await server.SendAsync("GET", $"/v1/plans/{id}", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            ("fresh", 1), (plan.GetProperty("name").GetString(), plan.GetProperty("tasks").GetInt32()));
    }

    [Fact]
    public async Task Run_BeforeItsRowIsWritten_IsWaitedFor()
    {
        var id = $"run_{Guid.NewGuid():N}";
        await server.Seed.StreamAsync(server.AcmeKeys, id);
        await server.Seed.EventAsync(server.AcmeKeys, id, "RunStarted", "{}");
        var asked = server.SendAsync("GET", $"/v1/runs/{id}", server.AcmeKey);
        // the row comes while the request waits
        await server.Ledger.ExecuteAsync(
            "INSERT INTO runs_read VALUES ($1, $2, $3, 'p', 'late', 'running', NULL, "
            + "'key:a', 0, 0, 0, now(), now(), NULL)", server.AcmeKeys.Tenant, server.AcmeKeys.Project, id);
        Assert.Equal("late", (await asked).Body.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Start_HandsTheWholeRequestToTheDesk()
    {
        server.Engine.Asked.Clear();
        var body = """
            {"workflow":"w","file_name":"ci.yaml","inputs":{"n":1},"context":{"branch":"b"},
             "repository":"app","ref":"main"}
            """;
        using var request = server.Request("POST", "/v1/runs", server.AcmeKey, body);
        using var reply = await server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, reply.StatusCode);
        Assert.Equal("/v1/runs/run_made", reply.Headers.Location!.ToString());
        var asked = server.Engine.Asked.Single(
            a => a.ToString()!.StartsWith("(start", StringComparison.Ordinal));
        Assert.EndsWith(", acme/web, plan_made, app, main, {\"n\":1}, {\"branch\":\"b\"})", asked.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("done", InDoubtAnswer.Done)]
    [InlineData("retry", InDoubtAnswer.Retry)]
    [InlineData("fail", InDoubtAnswer.Fail)]
    public async Task Resolve_HandsTheAnswerToTheDesk(string answer, InDoubtAnswer expected)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        var (status, _) = await server.SendAsync(
            "POST", $"/v1/runs/{run}/tasks/build:resolve", server.AcmeKey,
            JsonSerializer.Serialize(new { answer }));
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Contains(
            server.Engine.Asked, a => a is ValueTuple<string, string, string, string, InDoubtAnswer> r
            && r.Item3 == run && r.Item4 == "build" && r.Item5 == expected);
    }

    [Theory]
    [InlineData("build", """{"answer":"maybe"}""", 400)]
    [InlineData("build", "{}", 400)]
    [InlineData("nostep", """{"answer":"done"}""", 404)]
    public async Task Resolve_WrongAnswerOrStep_IsRefused(string step, string body, int expected)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        Assert.Equal(expected, (int)(await server.SendAsync("POST", $"/v1/runs/{run}/tasks/{step}:resolve",
            server.AcmeKey, body)).Status);
    }
}
