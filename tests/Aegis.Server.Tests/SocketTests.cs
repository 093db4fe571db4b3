using System.Net.WebSockets;
using System.Text.Json;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>A run over WebSocket: what other people's clients see, and each edge.</summary>
[Collection(ServerGroup.Name)]
public sealed class SocketTests(ServerFixture server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Clients_OfNpmAndOfNode_SeeTheRunAndSpeakToIt()
    {
        var (ended, open) = (await EndedAsync(), await OpenAsync());
        var text = await NodeProgram.RunAsync(
            "sockets.mjs", server.Server.Url.ToString(), server.AcmeKey, ended, open);
        var seen = JsonDocument.Parse(text).RootElement;
        Assert.Equal("RunStarted TaskStarted PlanCompleted", Types(seen.GetProperty("header")));
        foreach (var client in new[] { "header", "protocol", "own" })
        {
            var one = seen.GetProperty(client);
            Assert.Equal((1000, "the run has ended", client == "header" ? "" : "aegis.v1"),
                (one.GetProperty("code").GetInt32(), one.GetProperty("reason").GetString(),
                    one.GetProperty("protocol").GetString()));
        }
        Assert.Equal("TaskStarted PlanCompleted", Types(seen.GetProperty("protocol")));
        Assert.Equal("TaskStarted PlanCompleted", Types(seen.GetProperty("own")));
        Assert.Equal("""{"status":403,"code":"AEGIS6080"}""", seen.GetProperty("foreign").GetRawText());
        Assert.Equal(1000, seen.GetProperty("ownOrigin").GetInt32());
        Assert.Equal("""{"status":401,"code":"AEGIS6010"}""", seen.GetProperty("noKey").GetRawText());
        Assert.Equal("""{"status":404,"code":"AEGIS6020"}""", seen.GetProperty("noRun").GetRawText());
        Assert.Equal("""{"status":400,"code":"AEGIS6081"}""", seen.GetProperty("tongues").GetRawText());
        var spoken = seen.GetProperty("spoken");
        Assert.True(spoken.GetProperty("ponged").GetBoolean());
        Assert.Equal(1000, spoken.GetProperty("code").GetInt32());
        var answers = spoken.GetProperty("messages").EnumerateArray()
            .Where(m => m.TryGetProperty("ok", out _)).ToList();
        Assert.Equal("""{"id":7,"ok":true}""", answers[0].GetRawText());
        Assert.Equal("AEGIS6082", answers[1].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("""{"id":"last","ok":true}""", answers[2].GetRawText());
        Assert.Contains(server.Engine.Asked, a => $"{a}".StartsWith("(pause,", StringComparison.Ordinal)
            && $"{a}".Contains($"{open}, lunch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Events_AreTheSameAsOnSse_Live_AndSubscribeMovesThePlace()
    {
        var run = await OpenAsync();
        using var socket = await ConnectAsync($"/v1/runs/{run}");
        var (_, page) = await server.SendAsync("GET", $"/v1/runs/{run}/events", server.AcmeKey);
        Assert.Equal(page.GetProperty("items")[0].GetRawText(), await socket.ReadAsync());
        await server.Engine.RunDeskScript.WaitsAt(run, 1).WaitAsync(Patience);
        await server.Seed.EventAsync(server.AcmeKeys, run, "TaskStarted", """{"step_id":"build"}""");
        server.Engine.Wake(run);
        Assert.Contains("\"version\":2", await socket.ReadAsync(), StringComparison.Ordinal);
        await socket.SendAsync("""{"op":"subscribe","id":1,"after":0}""");
        // the answer and the events come from two hands, in either order
        var told = new[] { await socket.ReadAsync(), await socket.ReadAsync(), await socket.ReadAsync() };
        Assert.Single(told, """{"id":1,"ok":true}""");
        Assert.Equal(["1", "2"], told.Where(t => t!.StartsWith("{\"version\":", StringComparison.Ordinal))
            .Select(t => $"{JsonElement.Parse(t!).GetProperty("version")}"));
        await server.Seed.EventAsync(server.AcmeKeys, run, "PlanCompleted", "{}");
        server.Engine.Wake(run);
        Assert.Contains("PlanCompleted", await socket.ReadAsync(), StringComparison.Ordinal);
        Assert.Null(await socket.ReadAsync());
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "the run has ended"),
            (socket.Socket.CloseStatus, socket.Socket.CloseStatusDescription));
        await socket.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
        await server.Server.Parts.OpenStreams.EmptyAsync();
    }

    [Theory]
    [InlineData("""{"op":"dance"}""", "no such op")]
    [InlineData("""{"op":"cancel","after":1}""", "cancel has a member of another op")]
    [InlineData("""{"op":"resume","reason":"x"}""", "resume has a member of another op")]
    [InlineData("""{"op":"subscribe","after":-1}""", "after is out of bounds")]
    [InlineData("""{"op":"cancel","id":{}}""", "id is neither text nor number")]
    [InlineData("""{"op":"cancel","nonsense":1}""", "the message is no command")]
    [InlineData("""{"op":"cancel","op":"pause"}""", "the message is no command")]
    [InlineData("""[]""", "the message is no command")]
    [InlineData("null", "the message is null")]
    [InlineData("""{"op":"cancel","project_id":"other"}""", "the request names a tenant")]
    public async Task Command_ThatIsWrong_IsAnsweredAndNotDone(string message, string words)
    {
        var run = await OpenAsync();
        using var socket = await ConnectAsync($"/v1/runs/{run}?after=1");
        var before = server.Engine.Asked.Count;
        await socket.SendAsync(message);
        var answer = JsonDocument.Parse((await socket.ReadAsync())!).RootElement;
        Assert.False(answer.GetProperty("ok").GetBoolean());
        Assert.StartsWith(words, answer.GetProperty("error").GetProperty("detail").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(before, server.Engine.Asked.Count);
    }

    [Fact]
    public async Task Command_WithoutItsScope_IsRefused_WithReadingItIsNot()
    {
        var run = await OpenAsync();
        var key = await server.KeyAsync("acme", "web", "runs:read");
        using var socket = await ConnectAsync($"/v1/runs/{run}", key);
        Assert.Contains("RunStarted", await socket.ReadAsync(), StringComparison.Ordinal);
        var before = server.Engine.Asked.Count;
        foreach (var op in new[] { "cancel", "pause", "resume" })
        {
            await socket.SendAsync($$"""{"op":"{{op}}"}""");
            var error = JsonDocument.Parse((await socket.ReadAsync())!).RootElement.GetProperty("error");
            Assert.Equal((403, "runs:write"),
                (error.GetProperty("status").GetInt32(), error.GetProperty("expected").GetString()));
        }
        Assert.Equal(before, server.Engine.Asked.Count);
    }

    [Theory]
    [InlineData(DoorLimits.SocketMessageBytesMax, false)]
    [InlineData(DoorLimits.SocketMessageBytesMax + 1, true)]
    public async Task Message_AtItsLimitIsRead_OnePastItEndsTheSocket(int bytes, bool closes)
    {
        using var socket = await ConnectAsync($"/v1/runs/{await OpenAsync()}?after=1");
        const string frame = """{"op":""}""";
        await socket.SendAsync($$"""{"op":"{{new string('x', bytes - frame.Length)}}"}""");
        var answer = await socket.ReadAsync();
        Assert.Equal(closes, answer is null);
        Assert.Equal(closes ? WebSocketCloseStatus.MessageTooBig : null, socket.Socket.CloseStatus);
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public async Task CommandsReason_Bounds(int chars, bool ok)
    {
        using var socket = await ConnectAsync($"/v1/runs/{await OpenAsync()}?after=1");
        await socket.SendAsync($$"""{"op":"cancel","reason":"{{new string('r', chars)}}"}""");
        Assert.Equal(ok, JsonElement.Parse((await socket.ReadAsync())!).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task BinaryMessage_EndsTheSocket()
    {
        using var socket = await ConnectAsync($"/v1/runs/{await OpenAsync()}?after=1");
        await socket.Socket.SendAsync("{}"u8.ToArray(), WebSocketMessageType.Binary, true, default);
        Assert.Null(await socket.ReadAsync());
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, socket.Socket.CloseStatus);
    }

    [Fact]
    public async Task RevokedKey_EndsTheSocketAtItsNextCommand()
    {
        var made = await server.Ledger.Tenants.CreateKeyAsync("acme", "web", "short", ["runs:*"], default);
        using var socket = await ConnectAsync($"/v1/runs/{await OpenAsync()}?after=1", made.Secret);
        await server.SendAsync("DELETE", $"/v1/keys/{made.KeyId}", server.AcmeKey);
        await socket.SendAsync("""{"op":"cancel"}""");
        Assert.Null(await socket.ReadAsync());
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "AEGIS6010: the key is valid no more"),
            (socket.Socket.CloseStatus, socket.Socket.CloseStatusDescription));
    }

    [Fact]
    public async Task RevokedKey_EndsOpenStreamsWithTheirNextNews()
    {
        var run = await OpenAsync();
        var made = await server.Ledger.Tenants.CreateKeyAsync("acme", "web", "short", ["runs:*"], default);
        using var socket = await ConnectAsync($"/v1/runs/{run}", made.Secret);
        Assert.Contains("RunStarted", await socket.ReadAsync(), StringComparison.Ordinal);
        using var request = server.Request("GET", $"/v1/runs/{run}/events", made.Secret);
        request.Headers.Accept.Add(new("text/event-stream"));
        using var sse = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await server.Engine.RunDeskScript.WaitsAt(run, 1).WaitAsync(Patience);
        await server.SendAsync("DELETE", $"/v1/keys/{made.KeyId}", server.AcmeKey);
        await server.Seed.EventAsync(server.AcmeKeys, run, "TaskStarted", """{"secret":1}""");
        // whichever of the two waits now or later: none may get the news
        using var waking = new CancellationTokenSource();
        var wake = WakeAsync(run, waking.Token);
        Assert.Null(await socket.ReadAsync());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.Socket.CloseStatus);
        var broken = await Assert.ThrowsAnyAsync<Exception>(() => sse.Content.ReadAsStringAsync());
        Assert.True(broken is HttpRequestException or IOException, $"{broken}");
        await waking.CancelAsync();
        await wake;
    }

    [Fact]
    public async Task Streams_AreCountedWithSse_AndOneTooManyIsToldToComeAgain()
    {
        var streams = server.Server.Parts.OpenStreams;
        await streams.EmptyAsync();
        var run = await OpenAsync();
        var taken = Enumerable.Range(0, DoorLimits.StreamsPerProjectMax)
            .Select(_ => streams.Take(server.AcmeKeys)).ToList();
        try
        {
            using var full = await ConnectAsync($"/v1/runs/{run}");
            Assert.Null(await full.ReadAsync());
            Assert.Equal((1013, "AEGIS6034: too many open streams; try again later"),
                ((int)full.Socket.CloseStatus!, full.Socket.CloseStatusDescription));
            taken[0].Dispose();
            using var last = await ConnectAsync($"/v1/runs/{run}");
            Assert.Contains("RunStarted", await last.ReadAsync(), StringComparison.Ordinal);
        }
        finally
        {
            taken.ForEach(t => t.Dispose());
        }
    }

    [Fact]
    public async Task Logs_ComeWhenAskedFor_WholeAndBesideTheEvents()
    {
        var run = await OpenAsync();
        server.Engine.Logs[(run, "build", 1)] = ["one\n"u8.ToArray(), "two ü"u8.ToArray()];
        using var socket = await ConnectAsync($"/v1/runs/{run}?after=1&logs=true");
        Assert.Equal($$$"""{"log":{"step_id":"build","attempt":1,"offset":4,"text":"one\n"}}""",
            await socket.ReadAsync());
        Assert.Equal("""{"log":{"step_id":"build","attempt":1,"offset":10,"text":"two \u00FC"}}""",
            await socket.ReadAsync());
    }

    [Fact]
    public async Task AnotherTenantsRun_IsNotThere()
    {
        var run = await OpenAsync();
        Assert.Equal(404, await SocketTalk.RefusalAsync(
            server.Server.Url, $"/v1/runs/{run}", server.RivalKey));
    }

    [Theory]
    [InlineData("/v1/runs/{0}?after=x")]
    [InlineData("/v1/runs/{0}?after=-1")]
    [InlineData("/v1/runs/{0}?logs=maybe")]
    public async Task MalformedQuery_IsRefusedBeforeItOpens(string path)
    {
        Assert.Equal(400, await SocketTalk.RefusalAsync(
            server.Server.Url, string.Format(null, path, await OpenAsync()), server.AcmeKey));
    }

    private static string Types(JsonElement seen) => string.Join(' ',
        seen.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("type").GetString()));

    private Task<SocketTalk> ConnectAsync(string path, string? key = null) =>
        SocketTalk.OpenAsync(server.Server.Url, path, key ?? server.AcmeKey);

    private async Task<string> OpenAsync()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunStarted", "{}");
        return run;
    }

    private async Task<string> EndedAsync()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, "succeeded");
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunStarted", "{}");
        const string started = """{"step_id":"build","attempt":1}""";
        await server.Seed.EventAsync(server.AcmeKeys, run, "TaskStarted", started);
        await server.Seed.EventAsync(server.AcmeKeys, run, "PlanCompleted", "{}");
        return run;
    }

    private async Task WakeAsync(string run, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            server.Engine.Wake(run);
            await server.SendAsync("GET", "/healthz", null);
        }
    }
}
