using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Ledger.Locks;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Locks of holders that are no runs, from outside: clients of two servers over one ledger, programs
/// under <c>aegis lock run</c>, and runs.</summary>
[Collection(RealServerGroup.Name)]
public sealed class LockDoorTests(RealServer server)
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "aegis-cli.dll");

    [Fact]
    public async Task TwoClients_OfTwoServers_HoldAResourceOneAfterTheOther()
    {
        await using var other = await server.StartAnotherAsync();
        var (made, first, location) = await AcquireAsync(["two"], "\"ttl_seconds\":600,\"holder\":\"alice\"");
        Assert.Equal(HttpStatusCode.Created, made);
        var id = first.GetProperty("lock_id").GetString()!;
        Assert.Equal(("LockGranted", "alice", $"/v1/locks/{id}"), (first.GetProperty("verdict").GetString(),
            first.GetProperty("holder").GetString(), location));
        var second = SendAsync(other.Url, "POST", "/v1/locks",
            """{"resources":["two","more"],"holder":"bob","wait_seconds":300}""");
        await WaitsAsync("more");
        Assert.Equal([("alice", "held", 0), ("bob", "waiting", 1)], await HoldersAsync("two"));

        var (renewed, longer) = await SendAsync(other.Url, "POST", $"/v1/locks/{id}:renew", null);
        Assert.Equal(HttpStatusCode.OK, renewed);
        Assert.True(longer.GetProperty("expires_at").GetDateTimeOffset()
            > first.GetProperty("expires_at").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync("DELETE", location!)).Status);

        var (granted, next) = await second;
        Assert.Equal(HttpStatusCode.Created, granted);
        Assert.True(next.GetProperty("fencing_token").GetInt64()
            > first.GetProperty("fencing_token").GetInt64());
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", location!)).Status);
        var (shown, own, _) = await server.SendAsync("GET", $"/v1/locks/{IdOf(next)}");
        Assert.Equal((HttpStatusCode.OK, "held", "bob"), (shown, own.GetProperty("status").GetString(),
            own.GetProperty("holder").GetString()));
        await ReleaseAsync(next);
        Assert.Equal("LeaseGranted LeaseRenewed LeaseReleased", await FactsAsync(id, 3));
        Assert.Equal("LeaseGranted LeaseReleased", await FactsAsync(IdOf(next), 2));
    }

    [Fact]
    public async Task Denial_SaysWhoHoldsIt_SinceWhen_AndThePlaceInTheQueue()
    {
        var (_, held, _) = await AcquireAsync(["a", "b"], "\"holder\":\"alice\"");

        var (status, problem, _) = await AcquireAsync(["b", "c"], "\"wait_seconds\":0");

        Assert.Equal((HttpStatusCode.Conflict, "AEGIS4230"), (status, CodeOf(problem)));
        var denied = problem.GetProperty("lock_denied");
        Assert.Equal(("LockDenied", "held", 1), (denied.GetProperty("verdict").GetString(),
            denied.GetProperty("reason").GetString(), denied.GetProperty("position").GetInt32()));
        var by = Assert.Single(denied.GetProperty("held_by").EnumerateArray());
        Assert.Equal(("b", "alice", IdOf(held)), (by.GetProperty("resource").GetString(),
            by.GetProperty("holder").GetString(), by.GetProperty("lock_id").GetString()));
        Assert.Equal(held.GetProperty("granted_at").GetDateTimeOffset(),
            by.GetProperty("since").GetDateTimeOffset());
        // c was not taken with it
        await ReleaseAsync((await AcquireAsync(["c"])).Body);
        await ReleaseAsync(held);
        var (gone, late) = await SendAsync(
            server.Server.Url, "POST", $"/v1/locks/{IdOf(held)}:renew", null);
        Assert.Equal((HttpStatusCode.NotFound, "AEGIS6020"), (gone, CodeOf(late)));
        Assert.Equal("held", await server.UntilAsync("""
            SELECT convert_from(payload, 'UTF8')::jsonb ->> 'reason' FROM events WHERE type = 'LeaseDenied'
               AND convert_from(payload, 'UTF8')::jsonb -> 'held_by' ->> 0 = $1
            """, IdOf(held)));
    }

    [Fact]
    public async Task ClientThatLeaves_IsOutOfTheQueue()
    {
        var (_, held, _) = await AcquireAsync(["leave"]);
        using var gone = new CancellationTokenSource();
        var waits = SendAsync(server.Server.Url, "POST", "/v1/locks",
            """{"resources":["leave","after"],"wait_seconds":300}""", gone.Token);
        await WaitsAsync("after");
        Assert.Equal(HttpStatusCode.Conflict, (await AcquireAsync(["after"])).Status);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        await server.UntilAsync(
            "SELECT 'gone' FROM lock_requests WHERE 'after' = ANY (names) HAVING count(*) = 0");
        await ReleaseAsync((await AcquireAsync(["after"])).Body);
        await ReleaseAsync(held);
    }

    [Fact]
    public async Task Run_AndHolderOutside_ExcludeEachOther()
    {
        const string Workflow = """
            name: holds
            on: api
            policy: { allow_commands: [sleep, echo] }
            steps:
              - { id: deploy, uses: shell.exec, lock: site, with: { cmd: sleep 600 } }
            """;
        var (_, started, _) = await server.SendAsync("POST", "/v1/runs",
            JsonSerializer.Serialize(new { workflow = Workflow }));
        var run = started.GetProperty("run_id").GetString()!;
        await server.UntilAsync(
            "SELECT name FROM held_locks h JOIN lock_requests l USING (request_id) WHERE l.run_id = $1", run);
        await server.UntilAsync(
            "SELECT step_id FROM tasks_read WHERE run_id = $1 AND status = 'running'", run);
        var (_, problem, _) = await AcquireAsync(["site"]);
        var by = Assert.Single(
            problem.GetProperty("lock_denied").GetProperty("held_by").EnumerateArray());
        Assert.Equal((run, "deploy"),
            (by.GetProperty("run_id").GetString(), by.GetProperty("step_id").GetString()));
        var waits = AcquireAsync(["site"], "\"wait_seconds\":300");
        await WaitsAsync("site");

        await server.SendAsync("POST", $"/v1/runs/{run}:cancel", "{}");
        var held = (await waits).Body;
        var (_, again, _) = await server.SendAsync("POST", "/v1/runs", JsonSerializer.Serialize(new
        {
            workflow = Workflow.Replace("sleep 600", "echo done", StringComparison.Ordinal),
        }));
        var next = again.GetProperty("run_id").GetString()!;
        await server.UntilAsync(
            "SELECT run_id FROM lock_requests WHERE run_id = $1 AND fence IS NULL", next);
        await ReleaseAsync(held);

        var facts = await server.EndedAsync(next);
        var granted = facts.Single(f => f.GetProperty("type").GetString() == "LockGranted");
        Assert.True(granted.GetProperty("payload").GetProperty("fence").GetInt64()
            > held.GetProperty("fencing_token").GetInt64());
        Assert.Equal("PlanCompleted", facts[^1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task LockRun_GivesTheTokenToTheProgram_ItsExitCodeBack_AndTheLockToTheNext()
    {
        var file = Path.GetTempFileName();
        var (status, said, error) = await CliAsync("lock", "run", "cli", "--also", "cli-too", "--json", "--",
            "sh", "-c", $"echo $AEGIS_LOCK_TOKEN $AEGIS_LOCK_ID > {file}; exit 7");
        Assert.True(status == 7, $"{status}: {error}");
        var answer = JsonElement.Parse(said);
        Assert.Equal($"{answer.GetProperty("fencing_token")} {answer.GetProperty("lock_id").GetString()}\n",
            await File.ReadAllTextAsync(file));
        Assert.Equal(7, answer.GetProperty("exit_code").GetInt32());
        File.Delete(file);
        await ReleaseAsync((await AcquireAsync(["cli", "cli-too"])).Body);
        Assert.Equal("LeaseGranted LeaseReleased",
            await FactsAsync(answer.GetProperty("lock_id").GetString()!, 2));
    }

    [Fact]
    public async Task LockRun_RenewsWhileTheProgramRuns_AndEndsIt_WhenTheLockIsTaken()
    {
        using var runs = Start("lock", "run", "taken", "--ttl", "2", "--", "sleep", "600");
        // renewed twice: longer than its time
        var id = await HeldAsync("taken");
        await FactsAsync(id, 3);

        await server.SendAsync("DELETE", $"/v1/locks/{id}");

        await runs.WaitForExitAsync();
        Assert.Equal(6, runs.ExitCode);
        Assert.Contains("AEGIS", await runs.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LockRun_ThatIsKilled_LosesItsProgramAtOnce_AndItsLockAfterItsTime()
    {
        await using var other = await server.StartAnotherAsync();
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var runs = Start("lock", "run", "killed", "--ttl", "3", "--", "sh", "-c",
            $"echo $$ > {file}.new; mv {file}.new {file}; exec sleep 600");
        var id = await HeldAsync("killed");
        var next = SendAsync(other.Url, "POST", "/v1/locks",
            """{"resources":["killed"],"wait_seconds":300}""");
        await WaitsAsync("killed");
        var pid = await PidAsync(file);

        runs.Kill();

        var (status, granted) = await next;
        Assert.Equal(HttpStatusCode.Created, status);
        // the program was ended before another could hold what it held
        Assert.False(IsAlive(pid));
        // how often it was renewed before is chance
        await server.UntilAsync("""
            SELECT e.type FROM events e WHERE e.type = 'LeaseExpired'
               AND convert_from(e.payload, 'UTF8')::jsonb ->> 'lock_id' = $1
            """, id);
        await ReleaseAsync(granted);
        File.Delete(file);
    }

    [Fact]
    public async Task CommandLine_AcquiresListsRenewsAndReleases()
    {
        var (status, said, _) = await CliAsync("lock", "acquire", "verbs", "--holder", "me", "--json");
        Assert.Equal(0, status);
        var id = IdOf(JsonElement.Parse(said));
        var (denied, _, why) = await CliAsync("lock", "acquire", "verbs");
        Assert.Equal(6, denied);
        Assert.Contains("verbs is held by me", why, StringComparison.Ordinal);
        var (_, list, _) = await CliAsync("lock", "list");
        Assert.Contains(id, list, StringComparison.Ordinal);
        var (_, json, _) = await CliAsync("lock", "list", "--json");
        Assert.Contains(JsonElement.Parse(json).GetProperty("items").EnumerateArray(),
            l => l.TryGetProperty("lock_id", out var own) && own.GetString() == id);
        var (_, renewed, _) = await CliAsync("lock", "renew", id, "--ttl", "500", "--json");
        Assert.Equal(id, IdOf(JsonElement.Parse(renewed)));
        Assert.Equal(0, (await CliAsync("lock", "release", id)).Status);
        Assert.Equal(6, (await CliAsync("lock", "renew", id)).Status);
    }

    [Theory]
    [InlineData("ttl_seconds", 0, 400)]
    [InlineData("ttl_seconds", 1, 201)]
    [InlineData("ttl_seconds", OutsideAsk.TtlSecondsMax, 201)]
    [InlineData("ttl_seconds", OutsideAsk.TtlSecondsMax + 1, 400)]
    [InlineData("wait_seconds", -1, 400)]
    [InlineData("wait_seconds", OutsideAsk.WaitSecondsMax, 201)]
    [InlineData("wait_seconds", OutsideAsk.WaitSecondsMax + 1, 400)]
    public async Task Seconds_Bounds(string member, int value, int expected)
    {
        var (status, body, _) = await AcquireAsync([$"{member}-{value}"], $"\"{member}\":{value}");
        Assert.Equal(expected, (int)status);
        if (status == HttpStatusCode.Created)
        {
            // what is held for a second may be gone already
            await server.SendAsync("DELETE", $"/v1/locks/{IdOf(body)}");
        }
    }

    [Theory]
    [InlineData(1, 201)]
    [InlineData(OutsideAsk.HolderCharsMax, 201)]
    [InlineData(OutsideAsk.HolderCharsMax + 1, 400)]
    public async Task Holder_Bounds(int length, int expected) =>
        await BoundAsync(["holder"], $"\"holder\":\"{new string('h', length)}\"", expected);

    [Theory]
    [InlineData(0, 400)]
    [InlineData(16, 201)]
    [InlineData(17, 400)]
    public async Task Resources_Bounds(int count, int expected) =>
        await BoundAsync([.. Enumerable.Range(0, count).Select(n => $"r{n}")], "", expected);

    [Theory]
    [InlineData("", 0, 400)]
    [InlineData("a", 2000, 201)]
    [InlineData("a", 2001, 400)]
    [InlineData("é", 1000, 201)]
    [InlineData("é", 1001, 400)]
    [InlineData("\n", 1, 400)]
    public async Task Name_Bounds(string letter, int count, int expected) =>
        await BoundAsync([string.Concat(Enumerable.Repeat(letter, count))], "", expected);

    private async Task BoundAsync(string[] resources, string more, int expected)
    {
        var (status, body, _) = await AcquireAsync(resources, more);
        Assert.Equal(expected, (int)status);
        if (status == HttpStatusCode.Created)
        {
            await ReleaseAsync(body);
        }
    }

    private Task<(HttpStatusCode Status, JsonElement Body, string? Location)> AcquireAsync(
        string[] resources, string more = "") =>
        server.SendAsync("POST", "/v1/locks",
            $"{{\"resources\":{JsonSerializer.Serialize(resources)}{(more.Length == 0 ? "" : ",")}{more}}}");

    private async Task ReleaseAsync(JsonElement held) => Assert.Equal(HttpStatusCode.NoContent,
        (await server.SendAsync("DELETE", $"/v1/locks/{IdOf(held)}")).Status);

    private static string IdOf(JsonElement held) => held.GetProperty("lock_id").GetString()!;

    private static string? CodeOf(JsonElement problem) => problem.GetProperty("code").GetString();

    private async Task<List<(string? Holder, string? Status, int Position)>> HoldersAsync(string resource)
    {
        var (_, found, _) = await server.SendAsync("GET", $"/v1/locks?resource={resource}");
        return [.. found.GetProperty("items").EnumerateArray().Select(l => (
            l.GetProperty("holder").GetString(), l.GetProperty("status").GetString(),
            l.TryGetProperty("position", out var place) ? place.GetInt32() : 0))];
    }

    private Task<string> WaitsAsync(string name) => server.UntilAsync(
        "SELECT run_id FROM lock_requests WHERE $1 = ANY (names) AND fence IS NULL", name);

    private Task<string> HeldAsync(string name) => server.UntilAsync(
        "SELECT run_id FROM lock_requests WHERE $1 = ANY (names) AND fence IS NOT NULL", name);

    /// <summary>The facts of a lock in the ledger, in order, once there are so many.</summary>
    private Task<string> FactsAsync(string id, int count) => server.UntilAsync("""
        SELECT string_agg(e.type, ' ' ORDER BY e.version) FROM events e
         WHERE e.type LIKE 'Lease%' AND convert_from(e.payload, 'UTF8')::jsonb ->> 'lock_id' = $1
        HAVING count(*) >= $2
        """, id, count);

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(Uri at, string method,
        string path, string? body, CancellationToken cancel = default)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(3) };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(at, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await http.SendAsync(request, cancel);
        var text = await reply.Content.ReadAsStringAsync(cancel);
        return (reply.StatusCode, text.Length > 0 ? JsonElement.Parse(text) : default);
    }

    private async Task<(int Status, string Output, string Error)> CliAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["AEGIS_URL"] = server.Server.Url.ToString();
        start.Environment["AEGIS_KEY"] = server.Key;
        return Process.Start(start)!;
    }

    private static async Task<int> PidAsync(string file)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!File.Exists(file))
        {
            await beat.WaitForNextTickAsync();
        }
        return int.Parse(await File.ReadAllTextAsync(file));
    }

    // a zombie that nobody reaped has ended too
    private static bool IsAlive(int pid) => File.Exists($"/proc/{pid}/stat")
        && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
}
