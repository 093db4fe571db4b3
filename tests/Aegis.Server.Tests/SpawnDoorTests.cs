using System.Net;
using System.Text.Json;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Spawned processes in the real sandbox.</summary>
[Collection(RealServerGroup.Name)]
public sealed class SpawnDoorTests(RealServer server)
{
    [Fact]
    public async Task Spawn_ThatEnds_LeavesItsRecord()
    {
        var id = await SpawnAsync("hello", "echo", ["a b", "$HOME", "it's"]);
        var ended = await UntilAsync(id, s => s.TryGetProperty("ended_at", out _));
        Assert.Equal(("hello", "succeeded", 0, "a b $HOME it's\n"), (ended.GetProperty("name").GetString(),
            ended.GetProperty("status").GetString(), ended.GetProperty("exit_code").GetInt32(),
            ended.GetProperty("output").GetString()));
        var (_, list, _) = await server.SendAsync("GET", "/v1/spawns");
        Assert.Contains(list.GetProperty("items").EnumerateArray(),
            s => s.GetProperty("spawn_id").GetString() == id);
    }

    [Fact]
    public async Task Spawn_ThatRuns_ShowsCpuAndMemory_AndIsKilled()
    {
        var id = await SpawnAsync("busy", "yes", ["x"]);
        var busy = await UntilAsync(id, s => s.TryGetProperty("usage", out var u)
            && u.GetProperty("cpu_ms").GetInt64() > 200 && u.GetProperty("cpu_percent").GetDouble() > 0);
        var usage = busy.GetProperty("usage");
        Assert.True(usage.GetProperty("memory_bytes").GetInt64() > 100_000);
        Assert.True(usage.GetProperty("processes").GetInt32() > 1);

        var (killed, _, _) = await server.SendAsync("POST", $"/v1/spawns/{id}:kill", "{}");

        Assert.Equal(HttpStatusCode.Accepted, killed);
        var ended = await UntilAsync(id, s => s.TryGetProperty("ended_at", out _));
        Assert.Equal("cancelled", ended.GetProperty("status").GetString());
        Assert.False(ended.TryGetProperty("usage", out _));
    }

    [Fact]
    public async Task Spawn_LongerThanItsTime_IsEnded()
    {
        var id = await SpawnAsync("slow", "sleep", ["60"], timeout: 1);
        var ended = await UntilAsync(id, s => s.TryGetProperty("ended_at", out _));
        Assert.Equal(("failed", true, "AEGIS4220"), (ended.GetProperty("status").GetString(),
            ended.GetProperty("timed_out").GetBoolean(),
            ended.GetProperty("error").GetProperty("code").GetString()));
        // one that ends at once may be over before anybody has looked at what it takes
        Assert.True(ended.GetProperty("peak_memory_bytes").GetInt64() > 0);
    }

    [Theory]
    [InlineData(16, "failed")]
    [InlineData(1024, "succeeded")]
    public async Task Spawn_ThatTakes200Mebibytes_EndsAsItsMemorySays(int memory, string status)
    {
        // a block is read into memory whole
        var id = await SpawnAsync("hungry", "dd",
            ["if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"], memory: memory);
        var ended = await UntilAsync(id, s => s.TryGetProperty("ended_at", out _));
        Assert.Equal(status, ended.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Aliases_AnswerAsTheDocumentsSay()
    {
        var (made, spawn, _) = await server.SendAsync("POST", "/spawn", """
            {"name":"healthcheck","command":"true","args":[],"timeout_seconds":60,"max_memory_mb":512}
            """);
        Assert.Equal(HttpStatusCode.Accepted, made);
        var id = spawn.GetProperty("spawn_id").GetString();
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", $"/spawn/{id}/status")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/spawn/list")).Status);
    }

    [Fact]
    public async Task Guards_AndScopes_HoldForSpawns()
    {
        var (denied, _, _) = await server.SendAsync("POST", "/v1/spawns",
            """{"name":"x","command":"find","args":[".","-exec","sh","{}",";"]}""");
        Assert.Equal(HttpStatusCode.Forbidden, denied);
        var key = await server.KeyAsync("acme", "runs:write", "tools:shell");
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(
            "POST", "/v1/spawns", """{"name":"x","command":"true"}""", key)).Status);
        var id = await SpawnAsync("mine", "true", []);
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync("GET", $"/v1/spawns/{id}", key: server.RivalKey)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(
            "POST", $"/v1/spawns/{id}:kill", "{}", server.RivalKey)).Status);
    }

    private async Task<string> SpawnAsync(
        string name, string command, string[] args, int? timeout = null, int? memory = null)
    {
        var (status, spawn, _) = await server.SendAsync("POST", "/v1/spawns", JsonSerializer.Serialize(new
        {
            name, command, args, timeout_seconds = timeout, max_memory_mb = memory,
        }));
        Assert.True(status == HttpStatusCode.Accepted, spawn.GetRawText());
        return spawn.GetProperty("spawn_id").GetString()!;
    }

    private async Task<JsonElement> UntilAsync(string id, Predicate<JsonElement> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var (_, spawn, _) = await server.SendAsync("GET", $"/v1/spawns/{id}");
            if (holds(spawn))
            {
                return spawn;
            }
            await beat.WaitForNextTickAsync(limit.Token);
        }
    }
}
