using System.Net;
using System.Text.Json;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Starts that carry an Idempotency-Key, at the whole product: who dies between the start and its
/// answer has started one run all the same.</summary>
[Collection(RealServerGroup.Name)]
public sealed class KeyedStartTests(RealServer server)
{
    private static readonly string Fails = JsonSerializer.Serialize(new
    {
        workflow = """
            name: keyed
            steps:
              - id: no
                uses: shell.exec
                with: {cmd: "false"}
            """,
    });

    [Fact]
    public async Task Start_ThatDiedUnanswered_FindsItsRun_AndSoDoRetryAndCall()
    {
        var run = await TwiceAsync("/v1/runs", Fails);
        await server.EndedAsync(run);
        var retried = await TwiceAsync($"/v1/runs/{run}:retry", "{}");
        Assert.NotEqual(run, retried);
        await server.EndedAsync(retried);
        var called = await TwiceAsync("/v1/tools/file.write:invoke",
            """{"input":{"path":"a.txt","content":"a"}}""");
        await server.SendAsync("PUT", "/v1/workflows/keyed", Fails.Replace(
            "name: keyed", "name: keyed\\non: [api]", StringComparison.Ordinal));
        await server.EndedAsync(await TwiceAsync("/v1/workflows/keyed:run", "{}"));
        // lists follow the ledger
        await server.UntilAsync("SELECT 'all' FROM runs_read WHERE name = 'keyed' HAVING count(*) >= 3");
        await server.UntilAsync("SELECT run_id FROM runs_read WHERE run_id = $1", called);
        var (_, list, _) = await server.SendAsync("GET", "/v1/runs?limit=200");
        var names = list.GetProperty("items").EnumerateArray()
            .Select(r => r.GetProperty("name").GetString()).ToList();
        Assert.Equal(3, names.Count(n => n == "keyed"));
        Assert.Single(list.GetProperty("items").EnumerateArray(),
            r => r.GetProperty("run_id").GetString() == called);
    }

    [Fact]
    public async Task Start_WithADedupeKeyToo_IsTheRunOfThatKey()
    {
        var body = Fails.Insert(1, "\"dedupe_key\":\"one\",");
        var run = await TwiceAsync("/v1/runs", body);
        Assert.Equal(run, await TwiceAsync("/v1/runs", body));
    }

    /// <summary>Sends it, forgets the answer, sends it again; the run of both.</summary>
    private async Task<string> TwiceAsync(string path, string body)
    {
        var key = Guid.NewGuid().ToString();
        var (status, first, _) = await server.SendAsync("POST", path, body, idempotencyKey: key);
        Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.OK, first.GetRawText());
        await server.ForgetAnswerAsync(key);
        var (_, second, _) = await server.SendAsync("POST", path, body, idempotencyKey: key);
        var run = first.GetProperty("run_id").GetString();
        Assert.Equal(run, second.GetProperty("run_id").GetString());
        return run!;
    }
}
