using System.Text;
using System.Text.Json;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Gateway;

/// <summary>What a hostile provider tries against the server and its clients.</summary>
public sealed class HostileProviderTests(HostileRoom room) : IClassFixture<HostileRoom>
{
    private const string Error = """{"error":{"message":"bad key KEY","type":"t","code":"KEY"}}""";
    private const string Type = "Content-Type: application/json\r\nConnection: close\r\n";

    public static TheoryData<string, bool, Func<string, byte[]>> Repeats => new()
    {
        { "in an answer", false, key => HostileRoom.Json(HostileRoom.Chat($"marked {key}")) },
        { "as the model's name", false, key => HostileRoom.Json(HostileRoom.Chat("marked", key)) },
        { "with JSON's escapes", false, key => HostileRoom.Json(
            HostileRoom.Chat($"marked {key}").Replace("/", @"\/", StringComparison.Ordinal)) },
        { "in headers", false, key => LoopbackServer.Ok(HostileRoom.Chat("marked"),
            $"{Type}x-request-id: {key}\r\nx-aegis-model: {key}\r\n") },
        { "in an error", false, key => LoopbackServer.Status("400 " + key, Error.Replace("KEY", key), Type) },
        { "in a redirect", false, key => LoopbackServer.Status("302 Found", "marked",
            $"Location: http://127.0.0.1:9/{key}\r\nConnection: close\r\n") },
        { "in what is no answer", false, key => HostileRoom.Json($$"""{"choices":"{{key}}"}""") },
        { "in a stream", true, key => HostileRoom.Stream("marked ", key) },
        { "in a stream, as the model's name", true, key => HostileRoom.Events(
            HostileRoom.Piece("marked").Replace("\"m\"", $"\"{key}\"", StringComparison.Ordinal), "[DONE]") },
        { "in a stream's error", true, key => HostileRoom.Events(
            HostileRoom.Piece("marked"), Error.Replace("KEY", key, StringComparison.Ordinal)) },
        { "in a stream's comment", true, key => LoopbackServer.Ok(
            $": {key}\n\ndata: {HostileRoom.Piece("marked")}\n\n",
            "Content-Type: text/event-stream\r\nConnection: close\r\n") },
    };

    [Theory]
    [MemberData(nameof(Repeats))]
    public async Task KeyThatItWasSent_IsRepeatedToNobody(
        string where, bool stream, Func<string, byte[]> answer)
    {
        room.Answer = _ => answer(HostileRoom.ProviderKey);
        var more = stream ? ",\"stream\":true" : "";
        foreach (var (path, protocol) in new[]
            { ("/v1/chat/completions", "openai"), ("/v1/messages", "openai") })
        {
            var told = await room.AskAsync(
                HostileRoom.Call(room.Fresh(protocol), where, more + ",\"max_tokens\":9"), path);
            Assert.DoesNotContain(HostileRoom.ProviderKey, Unescaped(told.Whole), StringComparison.Ordinal);
            await room.FactAsync(told);
        }
        // it had the key, and said so
        var sent = Encoding.UTF8.GetString(answer(HostileRoom.ProviderKey));
        Assert.Contains(HostileRoom.ProviderKey, Unescaped(sent), StringComparison.Ordinal);
        Assert.Contains(room.Provider.Asked, a => a.Head.Contains(HostileRoom.ProviderKey));
        Assert.False(await room.IsInLedgerAsync(HostileRoom.ProviderKey));
        Assert.True(await room.IsInLedgerAsync("llm.chat"));
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var elsewhere = new LoopbackServer(_ => HostileRoom.Json(HostileRoom.Chat("elsewhere")));
        room.Answer = _ => LoopbackServer.Status("307 Temporary Redirect", "",
            $"Location: {elsewhere.Url("/v1/chat/completions")}\r\nConnection: close\r\n");
        var told = await room.AskAsync(HostileRoom.Call(room.Fresh()));
        Assert.True(told.Status >= 500, told.Whole);
        Assert.Empty(elsewhere.Asked);
        using var followed = await room.Server.Http.PostAsync(
            room.Provider.Url("/v1/chat/completions"), new StringContent("{}"));
        Assert.Single(elsewhere.Asked);
    }

    public static TheoryData<string, bool, Func<byte[]>> Broken => new()
    {
        { "longer than an answer may be", false, () => HostileRoom.Json(
            HostileRoom.Chat(new string('x', 65 << 20))) },
        { "deeper than an answer may be", false, () => HostileRoom.Json(
            HostileRoom.Chat("x").Replace("\"x\"", new string('[', 100) + new string(']', 100))) },
        { "a page", false, () => LoopbackServer.Ok("<html>not an answer</html>",
            "Content-Type: text/html\r\nConnection: close\r\n") },
        { "nothing", false, () => LoopbackServer.Ok("", Type) },
        { "no HTTP", false, () => Encoding.UTF8.GetBytes("SSH-2.0-OpenSSH_9.2\r\n\r\n") },
        { "a header that never ends", false, () => LoopbackServer.Ok("{}",
            $"x-long: {new string('x', 1 << 20)}\r\n") },
        { "an event that never ends", true, () => LoopbackServer.Ok("data: " + new string('x', 20 << 20),
            "Content-Type: text/event-stream\r\nConnection: close\r\n") },
        { "a stream of nothing", true, () => LoopbackServer.Ok(
            string.Concat(Enumerable.Repeat(": still here\n\n", 5_000_000)),
            "Content-Type: text/event-stream\r\nConnection: close\r\n") },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task AnswerThatIsNone_EndsInTheClientsForm_AndTheServerGoesOn(
        string what, bool stream, Func<byte[]> answer)
    {
        var bytes = answer();
        room.Answer = _ => bytes;
        var told = await room.AskAsync(
            HostileRoom.Call(room.Fresh(), what, stream ? ",\"stream\":true" : ""));
        Assert.True(told.Status is 502 or 503 or 500, $"{told.Status} {told.ContentType}");
        Assert.True(told.Text.Length < 2_000, $"{told.Text.Length} characters");
        Assert.NotNull(told.Json.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal("failed", (await room.FactAsync(told)).GetProperty("models")[0].GetProperty("outcome")
            .GetString());
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("well again"));
        Assert.Contains("well again", (await room.AskAsync(HostileRoom.Call(room.Fresh()))).Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m\r\nX-Evil: 1")]
    [InlineData("m\n\nevent: error\ndata: {}\n\n")]
    [InlineData("mödel")]
    public async Task NameThatIsNone_ComesIntoNoHeaderAndNoFact(string name)
    {
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("hello", name));
        var told = await room.AskAsync(HostileRoom.Call("openai/known"));
        Assert.Equal((200, "openai/known"), (told.Status, told.Headers["x-aegis-model"]));
        Assert.False(told.Headers.ContainsKey("X-Evil"));
        var use = (await room.FactAsync(told)).GetProperty("models")[0];
        Assert.Equal("known", use.GetProperty("model").GetString());
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("hello", "known-2026-01-02"));
        told = await room.AskAsync(HostileRoom.Call("openai/known"));
        Assert.Equal("openai/known-2026-01-02", told.Headers["x-aegis-model"]);
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public async Task NameOfTheAnsweringModel_AtItsBoundAndPast(int length, bool isTaken)
    {
        var name = new string('n', length);
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("hello", name));
        var told = await room.AskAsync(HostileRoom.Call("openai/known"));
        Assert.Equal($"openai/{(isTaken ? name : "known")}", told.Headers["x-aegis-model"]);
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/messages")]
    [InlineData("/v1/responses")]
    public async Task EventWithinAText_StaysAText(string path)
    {
        const string Injected = "x\n\nevent: error\ndata: {\"type\":\"error\"}\n\n\r\rdata: [DONE]\n\n";
        room.Answer = _ => HostileRoom.Stream(Injected, "after");
        var told = await room.AskAsync(path == "/v1/responses"
            ? $$"""{"model":"{{room.Fresh()}}","stream":true,"input":"inject"}"""
            : HostileRoom.Call(room.Fresh(), "inject", ",\"stream\":true,\"max_tokens\":9"), path);
        Assert.Equal(200, told.Status);
        Assert.DoesNotContain("\nevent: error\n", told.Text, StringComparison.Ordinal);
        var lines = told.Text.ReplaceLineEndings("\n").Split('\n');
        Assert.True(Array.IndexOf(lines, "data: [DONE]") is var done
            && (done < 0 || done > Array.FindIndex(lines, l => l.Contains("after"))), told.Text);
        // every line of data is one whole event
        Assert.All(lines.Where(l => l.StartsWith("data: {", StringComparison.Ordinal)),
            line => JsonElement.Parse(line[6..]));
        Assert.Contains("after", told.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", "text/plain")]
    [InlineData("image/svg+xml", "text/plain")]
    [InlineData("text/vtt", "text/vtt")]
    public async Task ContentType_OfATranscript_IsNoneThatABrowserRuns(string said, string told)
    {
        room.Answer = _ => LoopbackServer.Ok("<script>alert(1)</script>",
            $"Content-Type: {said}\r\nSet-Cookie: a=b\r\nAccess-Control-Allow-Origin: *\r\n"
            + "Connection: close\r\n");
        var reply = await room.AskAsync(string.Join("\r\n", "--b",
            "Content-Disposition: form-data; name=\"model\"", "", room.Fresh(), "--b",
            "Content-Disposition: form-data; name=\"response_format\"", "", "vtt", "--b",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"", "", "sound", "--b--", ""),
            "/v1/audio/transcriptions", type: "multipart/form-data; boundary=b");
        Assert.Equal((200, told), (reply.Status, reply.ContentType));
        Assert.False(reply.Headers.ContainsKey("Set-Cookie"));
        Assert.False(reply.Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-5")]
    [InlineData("1e400")]
    public async Task UsageThatCannotBe_IsNoAnswer_AndCostsNothing(string tokens)
    {
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("counted").Replace("\"prompt_tokens\":1",
            $"\"prompt_tokens\":{tokens}", StringComparison.Ordinal));
        var told = await room.AskAsync(HostileRoom.Call(room.Fresh()));
        Assert.Equal((500, "AEGIS2329"), (told.Status, told.Code));
        var use = (await room.FactAsync(told)).GetProperty("models")[0];
        Assert.Equal("failed", use.GetProperty("outcome").GetString());
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("counted"));
        Assert.Equal(200, (await room.AskAsync(HostileRoom.Call(room.Fresh()))).Status);
    }

    private static string Unescaped(string text) => text.Replace(@"\/", "/", StringComparison.Ordinal);
}
