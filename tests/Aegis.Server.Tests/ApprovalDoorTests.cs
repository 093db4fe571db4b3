using System.Net;
using System.Text.Json;
using Aegis.Cli;
using Aegis.Core;
using Aegis.Engine;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class ApprovalDoorTests(ServerFixture server)
{
    [Fact]
    public async Task Approvals_PageByCursor_WithoutGapOrRepeat()
    {
        await server.Ledger.CreateProjectAsync(new Tenancy("acme", "asked"));
        var keys = (await server.Ledger.Tenants.ResolveAsync(new Tenancy("acme", "asked"), default))!.Value;
        var key = await server.KeyAsync("acme", "asked", "approvals:read");
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            var run = await server.Seed.RunAsync(keys);
            // three share one instant: the cursor must tell them apart by id
            await server.Seed.ApprovalAsync(
                keys, run, "build", i == 6 ? "granted" : "pending", Seed.At.AddSeconds(i / 3));
            made.Add($"{run}.build");
        }
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var (_, page) = await server.SendAsync("GET", "/v1/approvals?status=pending&limit=2"
                + (cursor is null ? "" : $"&cursor={cursor}"), key);
            seen.AddRange(page.GetProperty("items").EnumerateArray()
                .Select(a => a.GetProperty("approval_id").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.Equal(made.Take(6).Reverse(), seen);
        var (status, one) = await server.SendAsync("GET", $"/v1/approvals/{made[6]}", key);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("granted", "go?", "build"), (one.GetProperty("status").GetString(),
            one.GetProperty("message").GetString(), one.GetProperty("step_id").GetString()));
        var (wrong, _) = await server.SendAsync("GET", "/v1/approvals?status=maybe", key);
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
    }

    [Fact]
    public async Task Read_OfWhatWasJustAnnounced_WaitsForItsRow()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        var (id, path) = ($"{run}.build", $"/v1/approvals/{run}.build");
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", path, server.AcmeKey)).Status);
        await server.Seed.EventAsync(server.AcmeKeys, run, "ApprovalRequested",
            $$"""{"step_id":"test","approval_id":"{{run}}.test","message":"{{id}}"}""");
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", path, server.AcmeKey)).Status);
        await server.Seed.EventAsync(server.AcmeKeys, run, "ApprovalRequested",
            $$"""{"step_id":"build","approval_id":"{{id}}"}""");
        // a stranger learns nothing, and is not made to wait
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", path, server.RivalKey)).Status);
        var reading = server.SendAsync("GET", path, server.AcmeKey);
        await server.Seed.ApprovalAsync(server.AcmeKeys, run, "build");
        var (status, body) = await reading;
        Assert.Equal((HttpStatusCode.OK, id), (status, body.GetProperty("approval_id").GetString()));
    }

    [Theory]
    [InlineData("grant", true)]
    [InlineData("deny", false)]
    public async Task Answer_ReachesTheDesk_BeforeTheRowIsThere(string verb, bool granted)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        var (status, _) = await server.SendAsync("POST", $"/v1/approvals/{run}.build:{verb}", server.AcmeKey,
            """{"reason":"because"}""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Contains(server.Engine.Asked, a => a is ValueTuple<string, string, string, string, bool,
            string, string> r && r.Item3 == run && r.Item4 == "build" && r.Item5 == granted
            && r.Item6 == "because" && r.Item7 is null);
    }

    [Theory]
    [InlineData("nodot")]
    [InlineData(".build")]
    [InlineData("run_x.build")]
    public async Task Answer_ForNothingThatIsThere_Is404(string id) =>
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync("POST", $"/v1/approvals/{id}:grant", server.AcmeKey, "{}")).Status);

    [Theory]
    [InlineData(1_024, HttpStatusCode.Accepted)]
    [InlineData(1_025, HttpStatusCode.BadRequest)]
    public async Task Reason_HasALimit(int length, HttpStatusCode expected)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        var body = JsonSerializer.Serialize(new { reason = new string('x', length) });
        foreach (var door in new[] { $"runs/{run}:pause", $"runs/{run}:cancel",
            $"approvals/{run}.build:deny" })
        {
            Assert.Equal(expected, (await server.SendAsync("POST", $"/v1/{door}", server.AcmeKey,
                body)).Status);
        }
    }

    [Theory]
    [InlineData(1_024, HttpStatusCode.Accepted)]
    [InlineData(1_025, HttpStatusCode.BadRequest)]
    [InlineData(0, HttpStatusCode.BadRequest)]
    public async Task DedupeKey_HasALimit(int length, HttpStatusCode expected)
    {
        RunRequest? asked = null;
        server.Engine.OnStart = (_, _, request) =>
        {
            asked = request;
            return Task.FromResult(new RunId("run_made"));
        };
        var key = new string('x', length);
        var body = JsonSerializer.Serialize(new { workflow = "w", freeze = true, dedupe_key = key });
        Assert.Equal(expected, (await server.SendAsync("POST", "/v1/runs", server.AcmeKey, body)).Status);
        server.Engine.OnStart = null;
        Assert.Equal(expected == HttpStatusCode.Accepted, asked is { Freeze: true }
            && asked.DedupeKey == key);
    }

    [Fact]
    public async Task Run_ShowsItsOutputs()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, "succeeded");
        await server.Ledger.ExecuteAsync(
            """UPDATE runs_read SET outputs = '{"size": 3, "zero": "\u0000"}' WHERE run_id = $1""", run);
        var (_, body) = await server.SendAsync("GET", $"/v1/runs/{run}", server.AcmeKey);
        Assert.Equal(3, body.GetProperty("outputs").GetProperty("size").GetInt32());
        Assert.Equal("\0", body.GetProperty("outputs").GetProperty("zero").GetString());
    }

    [Fact]
    public async Task Affected_IsEverythingBelow_InPlanOrder_EachOnce()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        var far = await server.Seed.RunAsync(server.RivalKeys);
        // a second way down, a circle, and an edge into another tenant's run
        await server.Seed.EdgeAsync(server.AcmeKeys, $"{run}.test", $"{run}.build");
        await server.Seed.EdgeAsync(server.AcmeKeys, $"{run}.build", $"{far}.build");
        var (status, body) =
            await server.SendAsync("GET", $"/v1/tasks/{run}.build/affected", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(body.GetProperty("more").GetBoolean());
        Assert.Equal(["build", "test"],
            body.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("step_id").GetString()));
    }

    [Theory]
    [InlineData(1_000, false)]
    [InlineData(1_001, true)]
    public async Task Affected_ShowsAtMostItsLimit_AndSaysWhenThereIsMore(int tasks, bool more)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.FanOutAsync(server.AcmeKeys, run, "build", tasks - 1);
        var (_, body) = await server.SendAsync("GET", $"/v1/tasks/{run}.build/affected", server.AcmeKey);
        Assert.Equal(more, body.GetProperty("more").GetBoolean());
        Assert.Equal(DoorLimits.AffectedMax, body.GetProperty("items").GetArrayLength());
    }

    /// <summary>A plan of the planner's that loops over both tables is ended by the command's time limit, as
    /// a 503.</summary>
    [Fact]
    public async Task Detail_OfALargeRunThatNoStatisticsKnow_ShowsItsNeeds()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.FanOutAsync(server.AcmeKeys, run, "build", 9_998);
        var (status, body) = await server.SendAsync("GET", $"/v1/runs/{run}", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(9_999, body.GetProperty("tasks").EnumerateArray()
            .Count(t => t.GetProperty("needs").EnumerateArray().Any(n => n.GetString() == "build")));
        (status, body) = await server.SendAsync("GET", $"/v1/tasks/{run}.build/affected", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(body.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task Commands_PauseResumeApproveDenyAndList()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.ApprovalAsync(server.AcmeKeys, run, "build");
        server.Engine.Asked.Clear();
        string[][] commands =
        [
            ["runs", "pause", run, "--reason", "lunch"], ["runs", "resume", run],
            ["approve", run, "build", "--reason", "good"], ["deny", run, "build"],
        ];
        foreach (var command in commands)
        {
            Assert.Equal((0, ""), await AegisAsync(command));
        }
        Assert.Equal(["pause", "resume", "answer", "answer"],
            server.Engine.Asked.Select(a => ((System.Runtime.CompilerServices.ITuple)a)[0]));
        var (exit, text) = await AegisAsync("approvals");
        Assert.Equal(0, exit);
        Assert.Contains(run, text, StringComparison.Ordinal);
        Assert.Contains("go?", text, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output)> AegisAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        var terminal = new Terminal(output, output, false, 110, name => name switch
        {
            "AEGIS_URL" => server.Server.Url.ToString(),
            "AEGIS_KEY" => server.AcmeKey,
            _ => null,
        });
        return (await CommandLine.InvokeAsync(arguments, terminal, CancellationToken.None),
            output.ToString());
    }
}
