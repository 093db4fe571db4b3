using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Aegis.Attack.Tests.Support;
using Aegis.Server;
using Aegis.Tests.Shared;

namespace Aegis.Attack.Tests.Doors;

/// <summary>A run's WebSocket: opened for another's run, kept open after its key is gone, and fed with what
/// no client sends. After each test the runs that were attacked wait as they did.</summary>
[Collection(WorldGroup.Name)]
public sealed class SocketAttackTests(WorldFixture world) : IAsyncLifetime
{
    private const int SubscriptionsTried = 3_000;

    private AttackFixture Server => world.Server;

    private string Mine => world.Attacker.Ids["run"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var holding in new[] { world.Attacker }.Concat(world.Victims))
        {
            // its row follows the facts by some 50 ms
            var page = await Server.SendAsync(
                "GET", $"/v1/runs/{holding.Ids["run"]}/events?limit=200", holding.Key);
            var facts = page.Json.GetProperty("items").EnumerateArray()
                .Select(f => f.GetProperty("type").GetString()!).ToList();
            Assert.Contains("ApprovalRequested", facts);
            Assert.DoesNotContain(facts, f => f is "RunCancelRequested" or "RunCancelled" or "RunFailed"
                or "PlanCompleted");
            Assert.True(facts.LastIndexOf("RunPaused") <= facts.LastIndexOf("RunResumed"), page.Text);
        }
        await NoStreamsAsync();
    }

    [Fact]
    public async Task ForeignRuns_AreRunsThatNeverWere_HoweverTheyAreAskedFor()
    {
        using (var own = await OpenAsync(Mine))
        {
            Assert.Contains("RunStarted", await own.ReadAsync(), StringComparison.Ordinal);
        }
        var never = DoorAttackTests.Changed("run", Mine);
        foreach (var victim in world.Victims)
        {
            var run = victim.Ids["run"];
            foreach (var query in new[] { "", "?after=0", "?logs=true", "?after=999999" })
            {
                Assert.Equal(404, await RefusalAsync($"{run}{query}", world.Attacker.Key));
                Assert.Equal(404, await RefusalAsync($"{never}{query}", world.Attacker.Key));
            }
            Assert.Equal(404, await RefusalAsync(run, world.WideKey, ("X-Aegis-Project", "web")));
            Assert.Equal(403, await RefusalAsync(run, world.Attacker.Key,
                ("X-Aegis-Tenant", victim.Tenant), ("X-Aegis-Project", victim.Project)));
            Assert.Equal(400, await RefusalAsync($"{run}?access_token={victim.Key}", world.Attacker.Key));
            Assert.Contains(
                await RefusalAsync($"{Mine}%2f..%2f{run}", world.Attacker.Key), (int[])[400, 404]);
        }
    }

    [Fact]
    public async Task WithoutAKey_NothingOpens()
    {
        Assert.Equal(401, await RefusalAsync(Mine, null));
        foreach (var key in new[] { "", "x", world.Attacker.Key[..^1], world.Attacker.Key + "x", "null" })
        {
            Assert.Equal(401, await RefusalAsync(Mine, key));
        }
        // what a page of a stranger's could do in a visitor's browser
        Assert.Equal(403, await RefusalAsync(Mine, world.Attacker.Key, ("Origin", "https://evil.example")));
        Assert.Equal(403, await RefusalAsync(Mine, world.Attacker.Key, ("Origin", "null")));
    }

    [Fact]
    public async Task KeyThatIsRevoked_WhileTheSocketIsOpen_CommandsNothingMore()
    {
        var made = await Server.Ledger.Tenants.CreateKeyAsync(
            world.Attacker.Tenant, world.Attacker.Project, "short", ["runs:*"], default);
        using var socket = await OpenAsync($"{Mine}?after=1000", made.Secret);
        await socket.SendAsync("""{"op":"pause","id":1}""");
        Assert.Equal("""{"id":1,"ok":true}""", await AnswerAsync(socket));
        await socket.SendAsync("""{"op":"resume","id":2}""");
        Assert.Equal("""{"id":2,"ok":true}""", await AnswerAsync(socket));
        await Server.SendAsync("DELETE", $"/v1/keys/{made.KeyId}", world.Attacker.Key);
        await socket.SendAsync("""{"op":"cancel"}""");
        while (await socket.ReadAsync() is { } word)
        {
            Assert.DoesNotContain("{\"ok\"", word, StringComparison.Ordinal);
        }
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.Socket.CloseStatus);
        Assert.Equal(401, await RefusalAsync(Mine, made.Secret));
    }

    [Theory]
    [InlineData(1, 16 * 1024 * 1024)]
    [InlineData(100_000, 1)]
    [InlineData(0, DoorLimits.SocketMessageBytesMax + 1)]
    public async Task GiantMessages_WholeOrInPiecesWithoutEnd_EndTheSocketAndNothingElse(
        int pieces, int bytes)
    {
        using var socket = await OpenAsync($"{Mine}?after=1000");
        var piece = new byte[bytes];
        piece.AsSpan().Fill((byte)'{');
        var sending = Task.Run(async () =>
        {
            try
            {
                for (var n = 0; n < Math.Max(1, pieces); n++)
                {
                    await socket.Socket.SendAsync(piece, WebSocketMessageType.Text, pieces == 0, default);
                }
            }
            catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException
                or OperationCanceledException)
            {
                // it was closed in the middle, as it should
            }
        });
        try
        {
            Assert.Null(await socket.ReadAsync());
            Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.Socket.CloseStatus);
        }
        catch (WebSocketException)
        {
            // cut off while the rest was still coming: no word of it, and no more room for it either
        }
        socket.Socket.Abort();
        await sending;
        using var next = await OpenAsync(Mine);
        Assert.Contains("RunStarted", await next.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownMessages_AreAnsweredOneByOne_AndTheSocketGoesOn()
    {
        var run = world.Stranger.Ids["run"];
        string[] odd = ["", " ", "null", "[]", "1", "\"cancel\"", "{", "{}", """{"op":null}""",
            """{"op":[]}""",
            """{"op":"CANCEL"}""", """{"op":"cancel "}""", """{"op":"cancel","op":"cancel"}""",
            """{"op":"eval","code":"1"}""", """{"op":"invoke","tool":"shell.exec"}""",
            """{"op":"approve"}""", """{"op":"cancel","after":1}""", """{"op":"subscribe","after":1e99}""",
            """{"op":"subscribe","after":-1}""", """{"op":"subscribe","after":2147483648}""",
            """{"op":"subscribe","logs":"true"}""", """{"id":{"a":1},"op":"subscribe"}""",
            $$"""{"op":"cancel","run_id":"{{run}}"}""", $$"""{"op":"cancel","run":"{{run}}"}""",
            $$"""{"op":"cancel","tenant_id":"{{world.Stranger.Tenant}}"}""",
            $$"""{"op":"cancel","project_id":"{{world.Neighbour.Project}}"}""",
            $$"""{"op":"cancel","reason":"{{new string('r', 1_025)}}"}""",
            """{"op":"\u0000cancel"}""", "{\"op\":\"\ud83d\ude00\"}", new string('[', 10_000)];
        using var socket = await OpenAsync($"{Mine}?after=1000");
        foreach (var message in odd)
        {
            await socket.SendAsync(message);
            var answer = JsonElement.Parse((await AnswerAsync(socket))!);
            Assert.False(answer.GetProperty("ok").GetBoolean(), message);
            Assert.DoesNotContain(world.Stranger.Mark, answer.GetRawText(), StringComparison.Ordinal);
        }
        await socket.SendAsync("""{"op":"subscribe","id":"still here"}""");
        Assert.Equal("""{"id":"still here","ok":true}""", await AnswerAsync(socket));
    }

    /// <summary>Each asks for the whole history and the logs anew: they are answered one by one, and neither
    /// the streams nor what the server holds grows with them.</summary>
    [Fact]
    public async Task ThousandsOfSubscriptions_AreAnsweredOneByOne_AndHoldNoMore()
    {
        using var socket = await OpenAsync(Mine);
        // the first ones warm up what stays
        await SubscribeAsync(socket, 200);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SubscribeAsync(socket, SubscriptionsTried);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 4 * 1024 * 1024, $"{grown} bytes more after {SubscriptionsTried} subscriptions");
        Assert.Equal(1, Server.Server.Parts.OpenStreams.Count);
    }

    [Fact]
    public async Task ManySockets_TakeTheProjectsOwnPlacesAlone()
    {
        var open = new List<SocketTalk>();
        try
        {
            for (var n = 0; n < DoorLimits.StreamsPerProjectMax; n++)
            {
                open.Add(await OpenAsync(Mine));
                Assert.Contains("RunStarted", await open[^1].ReadAsync(), StringComparison.Ordinal);
            }
            using var late = await OpenAsync(Mine);
            Assert.Null(await late.ReadAsync());
            Assert.Equal(1013, (int)late.Socket.CloseStatus!);
            foreach (var other in world.Victims)
            {
                using var theirs = await OpenAsync(other.Ids["run"], other.Key);
                Assert.Contains("RunStarted", await theirs.ReadAsync(), StringComparison.Ordinal);
            }
        }
        finally
        {
            open.ForEach(o => o.Dispose());
        }
        await NoStreamsAsync();
    }

    /// <summary>Reads while it sends, as a client that means no harm would, and counts the answers.</summary>
    private static async Task SubscribeAsync(SocketTalk socket, int times)
    {
        var sending = Task.Run(async () =>
        {
            for (var n = 1; n <= times; n++)
            {
                await socket.SendAsync($$"""{"op":"subscribe","id":{{n}},"after":0,"logs":true}""");
            }
        });
        for (var n = 1; n <= times; n++)
        {
            Assert.Equal($$"""{"id":{{n}},"ok":true}""", await AnswerAsync(socket));
        }
        await sending;
    }

    /// <summary>The next word that is an answer; events and logs come in between.</summary>
    private static async Task<string?> AnswerAsync(SocketTalk socket)
    {
        while (true)
        {
            var word = await socket.ReadAsync();
            if (word is null || word.StartsWith("{\"id\":", StringComparison.Ordinal)
                || word.StartsWith("{\"ok\":", StringComparison.Ordinal))
            {
                return word;
            }
        }
    }

    private Task<SocketTalk> OpenAsync(string run, string? key = null) =>
        SocketTalk.OpenAsync(Server.Server.Url, $"/v1/runs/{run}", key ?? world.Attacker.Key);

    private Task<int> RefusalAsync(string run, string? key, params (string, string)[] headers) =>
        SocketTalk.RefusalAsync(Server.Server.Url, $"/v1/runs/{run}", key, headers);

    // the server's side ends a moment after the client's
    private async Task NoStreamsAsync()
    {
        for (var tries = 0; tries < 200 && Server.Server.Parts.OpenStreams.Count > 0; tries++)
        {
            await Server.Ledger.ExecuteAsync("SELECT pg_sleep(0.05)");
        }
        Assert.Equal(0, Server.Server.Parts.OpenStreams.Count);
    }
}
