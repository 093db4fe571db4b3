using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Tests.Shared;

namespace Aegis.Models.Tests;

public sealed class ModelDoorTests
{
    private const string Key = "key-0123456789abcdef";
    private static readonly ModelRequest Ask =
        new([new("system", "be brief"), new("user", "hello")], Provider: "local", Model: "tiny-1");

    [Fact]
    public async Task ChatAsync_RealProtocol_SendsTheConversationAndReadsTheReply()
    {
        await using var server = ChatServer.Replying("good day");
        using var door = new ModelDoor(name => name == "LOCAL_KEY" ? Key : null);
        var reply = await door.ChatAsync(For(server), null, Ask with { Temperature = 0.5 }, 1m, default);
        Assert.Equal(new ModelReply("good day", "local", "tiny-1-2026", "live", 100, 10, 0.00012m), reply);
        var sent = Assert.Single(server.Requests);
        Assert.Equal("/v1/chat/completions", sent.Path);
        Assert.Equal($"Bearer {Key}", sent.Authorization);
        Assert.Equal("tiny-1", sent.Body.GetProperty("model").GetString());
        Assert.Equal(0.5, sent.Body.GetProperty("temperature").GetDouble());
        Assert.Equal(["system", "user"],
            sent.Body.GetProperty("messages").EnumerateArray()
                .Select(m => m.GetProperty("role").GetString()));
    }

    [Fact]
    public async Task ChatAsync_Streamed_SaysEachPieceAsItComes_AndCountsTheSame()
    {
        await using var server = ChatServer.Replying("good day to you");
        var goes = new TaskCompletionSource();
        server.Goes = goes.Task;
        using var door = new ModelDoor(_ => Key);
        var pieces = new List<string>();
        var reply = await door.ChatAsync(For(server), null, Ask with { Streams = true }, 1m, default, words =>
        {
            // the second piece is sent only once the first was heard
            pieces.Add(words);
            goes.TrySetResult();
            return ValueTask.CompletedTask;
        });
        Assert.Equal(["good", " day", " to", " you"], pieces);
        Assert.Equal(
            new ModelReply("good day to you", "local", "tiny-1-2026", "live", 100, 10, 0.00012m), reply);
        Assert.True(server.Requests.Single().Body.GetProperty("stream_options").GetProperty("include_usage")
            .GetBoolean());
        // not asked for: the reply comes whole
        pieces.Clear();
        await door.ChatAsync(
            For(server), null, Ask, 1m, default, words => throw new InvalidOperationException(words));
        Assert.False(server.Requests.Last().Body.TryGetProperty("stream", out _));
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(400, "AEGIS2329")]
    public async Task ChatAsync_StreamedPastTheLimit_IsRefused(int words, string? code)
    {
        await using var server = ChatServer.Replying(string.Join(' ', Enumerable.Repeat("x", words)));
        using var door = new ModelDoor(_ => Key, new ModelDoorOptions { ReplyBytesMax = 32_000 });
        var asking = async () => await door.ChatAsync(
            For(server), null, Ask with { Streams = true }, null, default, _ => ValueTask.CompletedTask);
        Assert.Equal(code, (await Record.ExceptionAsync(asking) as AegisException)?.Error.Code);
    }

    [Fact]
    public async Task ChatAsync_ByAlias_TakesItsProviderAndModel()
    {
        await using var server = ChatServer.Replying("ok");
        using var door = new ModelDoor(_ => Key);
        var profile = For(server);
        profile = profile with { Models =
            profile.Models.Add("reasoning", ModelAlias.Of("reasoning", "big-7", "local")) };
        await door.ChatAsync(profile, null, new([new("user", "x")]), null, default);
        Assert.Equal("big-7", server.Requests.Single().Body.GetProperty("model").GetString());
    }

    [Fact]
    public async Task ChatAsync_UnderACap_AsksForNoMoreTokensThanAreAffordable()
    {
        await using var server = ChatServer.Replying("ok", 5, 1);
        using var door = new ModelDoor(_ => Key);
        // the messages are 74 bytes of JSON, and so at most 74 tokens: 74 + 2 × out = 174 millionths
        await door.ChatAsync(For(server), null, Ask, 0.000174m, default);
        Assert.Equal(50, server.Requests.Single().Body.GetProperty("max_tokens").GetInt32());
        await door.ChatAsync(For(server), null, Ask with { MaxTokens = 7 }, 0.000174m, default);
        Assert.Equal(7, server.Requests.Last().Body.GetProperty("max_tokens").GetInt32());
        // room for one token of output, and for none
        await door.ChatAsync(For(server), null, Ask, 0.000076m, default);
        var error = await Refused(server, Ask, 0.000075m);
        Assert.Equal("AEGIS2341", error.Code);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task ChatAsync_AReplyDearerThanWhatIsLeft_IsRefusedAndSaysWhatWasSpent()
    {
        await using var server = ChatServer.Replying("long", 100, 1_000_000);
        using var door = new ModelDoor(_ => Key);
        var refused = await Assert.ThrowsAsync<AegisException>(async () =>
            await door.ChatAsync(For(server), null, Ask, 1m, default));
        Assert.Equal("AEGIS2341", refused.Error.Code);
        Assert.Equal("2.0001 USD", refused.Error.Got);
    }

    [Fact]
    public async Task ChatAsync_UnknownPrice_IsAnErrorOnlyUnderACap()
    {
        await using var server = ChatServer.Replying("ok");
        using var door = new ModelDoor(_ => Key);
        var other = Ask with { Model = "unlisted" };
        Assert.Equal("AEGIS2340", (await Refused(server, other, 1m)).Code);
        Assert.Empty(server.Requests);
        Assert.Equal(0, (await door.ChatAsync(For(server), null, other, null, default)).CostUsd);
    }

    [Theory]
    [InlineData(401, "AEGIS2324")]
    [InlineData(403, "AEGIS2324")]
    [InlineData(404, "AEGIS2325")]
    [InlineData(400, "AEGIS2325")]
    [InlineData(500, "AEGIS2326")]
    [InlineData(302, "AEGIS2329")]
    public async Task ChatAsync_ServerRefuses_SaysWhyWithoutTheKey(int status, string code)
    {
        await using var server = ChatServer.Failing(status,
            "{\"error\":{\"message\":\"bad KEY here\"}}".Replace("KEY", Key));
        var error = await Refused(server, Ask, null);
        Assert.Equal(code, error.Code);
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
        // what may pass is asked again
        Assert.Equal(status is 500 or 302 ? 3 : 1, server.Requests.Count);
        Assert.Equal(code == "AEGIS2325", error.Message.Contains("bad *** here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ChatAsync_ServerBusy_IsAskedAgainUpToTheLimit()
    {
        var asked = 0;
        await using var server = new ChatServer(async (self, context) =>
        {
            context.Response.Headers["retry-after-ms"] = "1";
            await (++asked < 3 ? self.SendAsync(context, 429, "{}")
                : self.SendAsync(context, 200, ChatServer.Completion("at last", 1, 1)));
        });
        using var door = new ModelDoor(_ => Key);
        Assert.Equal("at last", (await door.ChatAsync(For(server), null, Ask, null, default)).Text);
        asked = -10;
        Assert.Equal("AEGIS2326", (await Refused(server, Ask, null)).Code);
        Assert.Equal(-7, asked);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    public async Task ChatAsync_UnreadableReply_IsAnError(string body)
    {
        await using var server = ChatServer.Failing(200, body);
        Assert.Equal("AEGIS2329", (await Refused(server, Ask, null)).Code);
    }

    [Fact]
    public async Task ChatAsync_ReplyAtTheSizeLimitAndPast()
    {
        var body = ChatServer.Completion(new string('x', 4_000), 1, 1);
        await using var server = ChatServer.Failing(200, body);
        using var door = new ModelDoor(_ => Key, new() { ReplyBytesMax = body.Length });
        Assert.Equal(4_000, (await door.ChatAsync(For(server), null, Ask, null, default)).Text.Length);
        using var narrow = new ModelDoor(_ => Key, new() { ReplyBytesMax = body.Length - 1 });
        Assert.Equal("AEGIS2329", (await Refused(server, Ask, null, narrow)).Code);
    }

    [Fact]
    public async Task ChatAsync_NoAnswer_TimesOutOrIsCancelled()
    {
        var hold = new TaskCompletionSource();
        await using var server = new ChatServer((_, _) => hold.Task);
        using var hasty = new ModelDoor(_ => Key, new() { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal("AEGIS2327", (await Refused(server, Ask, null, hasty)).Code);
        hold.SetResult();
        await CancelledWhileWaiting();
    }

    [Fact]
    public async Task ChatAsync_NobodyListens_IsUnreachable()
    {
        using var port = new DeafPort();
        Assert.Equal("AEGIS2328", (await Refused(For(port.Url("/v1")), Ask, null)).Code);
    }

    [Fact]
    public async Task ChatAsync_ProfileLacksSomething_NamesIt()
    {
        await using var server = ChatServer.Replying("x");
        Assert.Equal("AEGIS2321", (await Refused(server, Ask with { Provider = "blackbox" }, null)).Code);
        Assert.Equal("AEGIS2320", (await Refused(server, Ask with { Model = null }, null)).Code);
        using var keyless = new ModelDoor(_ => null);
        Assert.Equal("AEGIS2323", (await Refused(server, Ask, null, keyless)).Code);
        Assert.Equal("AEGIS2342", (await Refused(server, Ask with { Messages = [] }, null)).Code);
        Assert.Equal("AEGIS2342", (await Refused(server, Ask with { Messages = [new("tool", "x")] }, null))
            .Code);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task ChatAsync_AnAliasWithAnAddressOfItsOwn_DoesNotGetTheProvidersKey()
    {
        await using var server = ChatServer.Replying("x");
        using var door = new ModelDoor(_ => Key);
        var profile = For(server);
        profile = profile with
        {
            Models = profile.Models.Add("odd",
                new("odd", [new ModelCandidate("m", "local", server.Url)])),
        };
        await door.ChatAsync(profile, null, new([new("user", "x")], Model: "odd"), null, default);
        Assert.Null(server.Requests.Single().Authorization);
    }

    private static async Task CancelledWhileWaiting()
    {
        await using var server = new ChatServer((self, context) => Task.CompletedTask);
        using var door = new ModelDoor(_ => Key);
        using var cancel = new CancellationTokenSource();
        var call = door.ChatAsync(For(server), null, Ask, null, cancel.Token).AsTask();
        await server.Received.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static Profile For(ChatServer server) => For(server.Url);

    private static Profile For(Uri url) => ProfileParser.Parse($$"""
        providers:
          local:
            base_url: {{url}}
            api_key_env: LOCAL_KEY
            prices:
              tiny-1: {input_usd_per_million: 1, output_usd_per_million: 2}
        """, "profile.yaml").Value!;

    private static Task<AegisError> Refused(ChatServer server, ModelRequest request, decimal? left,
        ModelDoor? door = null) => Refused(For(server), request, left, door);

    private static async Task<AegisError> Refused(Profile profile, ModelRequest request, decimal? left,
        ModelDoor? door = null)
    {
        using var own = door is null ? new ModelDoor(_ => Key) : null;
        return (await Assert.ThrowsAsync<AegisException>(async () =>
            await (door ?? own!).ChatAsync(profile, null, request, left, default))).Error;
    }
}
