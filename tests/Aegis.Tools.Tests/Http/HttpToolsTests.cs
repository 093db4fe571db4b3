using System.Text;
using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Gate;
using Aegis.Tests.Shared;
using Aegis.Tools.Http;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Http;

/// <summary>Both tools through the real gate, with a workspace inside the real walls.</summary>
public sealed class HttpToolsTests(ReviewGate gate) : IClassFixture<ReviewGate>
{
    [Fact]
    public async Task Fetch_AllowedHost_ShowsTheAnswerAndSavesIt()
    {
        var whole = "[\"" + new string('é', 40_000) + "\"]";
        await using var server = new LoopbackServer(head => head.Contains("/long", StringComparison.Ordinal)
            ? LoopbackServer.Ok(whole)
            : LoopbackServer.Ok("{\"a\":[1,\"s3cret-of-the-gate\"]}", "X-A: 1\r\nX-A: 2\r\n"));
        var context = await OpenAsync("run_fetch", server.Entry);
        var result = (await gate.CallAsync(context, "http.fetch", new
        {
            url = server.Url("/x"),
            headers = new { Accept = "application/json" },
        })).Result.MustWork();
        Assert.Equal((200, "{\"a\":[1,\"***\"]}", false), (result.Output("status").GetInt32(),
            result.Output("body").GetString(), result.Output("truncated").GetBoolean()));
        Assert.Equal("***", result.Output("json").GetProperty("a")[1].GetString());
        Assert.Equal("1, 2", result.Output("headers").GetProperty("x-a").GetString());
        Assert.Contains("Accept: application/json", server.Asked.Single().Head, StringComparison.Ordinal);

        result = (await gate.CallAsync(context, "http.fetch",
            new { url = server.Url("/long"), save_as = "down/long.json" })).Result.MustWork();
        Assert.True(result.Output("truncated").GetBoolean());
        Assert.Equal(Encoding.UTF8.GetByteCount(whole), result.Output("body_bytes").GetInt32());
        var saved = (await gate.CallAsync(context, "file.list", new { path = "/work/down" })).Result
            .MustWork();
        Assert.Equal($"long.json {Encoding.UTF8.GetByteCount(whole)}", saved.Text!.Trim());
        await gate.CloseAsync(context);
    }

    [Theory]
    [InlineData("http.fetch", "GET")]
    [InlineData("http.request", "POST")]
    public async Task Call_HostThatIsNotAllowed_IsDeniedByTheGate(string tool, string method)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var context = await OpenAsync("run_denied");
        var outcome = await gate.CallAsync(context, tool, new { url = server.Url(), method });
        Assert.True(outcome.Denied);
        outcome.Result.MustFail("AEGIS2161");
        outcome = await gate.CallAsync(context, tool, new { url = "https://me:it@a.example/", method });
        Assert.True(outcome.Denied);
        outcome.Result.MustFail("AEGIS2160");
        Assert.Empty(server.Asked);
        await gate.CloseAsync(context);
    }

    [Fact]
    public async Task Fetch_ANameOfLoopback_IsRefusedThoughAllowed()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var context = await OpenAsync("run_name", $"localhost:{server.Port}");
        var outcome = await gate.CallAsync(context, "http.fetch",
            new { url = $"http://localhost:{server.Port}/" });
        Assert.False(outcome.Denied);
        outcome.Result.MustFail("AEGIS2162");
        Assert.Empty(server.Asked);
        await gate.CloseAsync(context);
    }

    [Fact]
    public async Task Request_EachFormOfBody_Arrives()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Status("201 Created"));
        var context = await OpenAsync("run_bodies", server.Entry);
        foreach (var body in new object[]
        {
            new { url = server.Url(), method = "POST", json = new { a = 1 } },
            new { url = server.Url(), method = "PUT", body = "plain" },
            new { url = server.Url(), method = "PATCH", body_base64 = "YmFzZQ==" },
            new
            {
                url = server.Url(),
                method = "POST",
                body = "<a/>",
                headers = new Dictionary<string, string> { ["Content-Type"] = "text/xml" },
            },
            new { url = server.Url(), method = "DELETE" },
        })
        {
            (await gate.CallAsync(context, "http.request", body)).Result.MustWork();
        }
        Assert.Equal(["{\"a\":1}", "plain", "base", "<a/>", ""], server.Asked.Select(asked => asked.Body));
        Assert.Equal(
            ["application/json", "text/plain; charset=utf-8", "application/octet-stream", "text/xml"],
            server.Asked.SkipLast(1).Select(asked => asked.Head.Split("Content-Type: ")[1].Split("\r\n")[0]));
        await gate.CloseAsync(context);
    }

    [Fact]
    public async Task Request_AFailedStatus_FailsWithTheAnswerUnlessToldNotTo()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Status("409 Conflict", "taken"));
        var context = await OpenAsync("run_status", server.Entry);
        var result = (await gate.CallAsync(context, "http.request",
            new { url = server.Url(), method = "POST" })).Result;
        result.MustFail("AEGIS2169");
        Assert.Equal(("409", "taken"), (result.Error!.Got, result.Output("body").GetString()));
        (await gate.CallAsync(context, "http.request",
            new { url = server.Url(), method = "POST", fail_on_status = false })).Result.MustWork();
        await gate.CloseAsync(context);
    }

    [Fact]
    public async Task Fetch_BytesThatAreNoText_AreBase64()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var bytes = new LoopbackServer(_ =>
            [.. "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"u8, 0xFF, 0x00, 0xFE]);
        var context = await OpenAsync("run_bytes", server.Entry, bytes.Entry);
        var result = (await gate.CallAsync(context, "http.fetch", new { url = bytes.Url() })).Result
            .MustWork();
        Assert.Equal("/wD+", result.Output("body_base64").GetString());
        Assert.False(result.Outputs!.Value.TryGetProperty("body", out _));
        var head = (await gate.CallAsync(context, "http.fetch",
            new { url = server.Url(), method = "HEAD" })).Result.MustWork();
        Assert.Equal("", head.Output("body").GetString());
        await gate.CloseAsync(context);
    }

    [Fact]
    public async Task Fetch_TheWorstBodyForJson_StaysWithinAResult()
    {
        var body = new string('\u0001', 200_000);
        var headers = string.Concat(Enumerable.Range(0, 60)
            .Select(n => $"X-{n}: {new string('+', 900)}\r\n"));
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok(body, headers));
        var context = await OpenAsync("run_worst", server.Entry);
        var url = server.Url("/" + new string('\'', 900));
        var result = (await gate.CallAsync(context, "http.fetch", new { url })).Result.MustWork();
        Assert.InRange(result.OutputsText().Length, HttpAnswer.BodyBytesMax / 2, 64 * 1024);
        Assert.True(result.Output("truncated").GetBoolean());
        await gate.CloseAsync(context);
    }

    [Theory]
    [InlineData("http.fetch", """{"url":"https://a.example/","method":"POST"}""")]
    [InlineData("http.fetch", """{"url":"https://a.example/","timeout":0}""")]
    [InlineData("http.fetch", """{"url":"https://a.example/","body":"x"}""")]
    [InlineData("http.request", """{"url":"https://a.example/","method":"GET"}""")]
    [InlineData("http.request", """{"url":"https://a.example/","method":"POST","body":"a","json":1}""")]
    [InlineData("http.request", """{"url":"https://a.example/"}""")]
    public void Check_WrongInput_IsRefusedAtPlanTime(string tool, string input) => Assert.Equal("AEGIS2001",
        BuiltInTools.Catalogue().Find(tool)!.Check(JsonDocument.Parse(input).RootElement)?.Code);

    [Fact]
    public void Effects_SayWhatARecoveryMayRepeat()
    {
        var tools = BuiltInTools.Catalogue();
        Assert.Equal((ToolEffect.Idempotent, ToolEffect.Once),
            (tools.Find("http.fetch")!.Descriptor.Effect, tools.Find("http.request")!.Descriptor.Effect));
    }

    [Fact]
    public async Task Request_WithASecretHeader_SendsItsValue_AndShowsItNowhere()
    {
        await using var server = new LoopbackServer(head => LoopbackServer.Ok(
            head.Split("Authorization: ")[1].Split("\r\n")[0]));
        var context = await OpenAsync("run_secret", server.Entry);
        var result = (await gate.CallAsync(context, "http.request", new
        {
            url = server.Url("/x"), method = "POST", secret_headers = Header("Authorization", "api-token"),
        })).Result.MustWork();

        Assert.Contains("Authorization: Bearer s3cret-of-the-step", server.Asked.Single().Head,
            StringComparison.Ordinal);
        Assert.Equal("Bearer ***", result.Output("body").GetString());
        var asked = gate.Asked.Single(a => a.Use.RunId == "run_secret");
        Assert.Equal(("api-token", "http.request", "127.0.0.1", server.Port),
            (asked.Name, asked.Use.Purpose, asked.Use.Host, asked.Target!.Port));
        await gate.CloseAsync(context);
    }

    [Fact]
    public async Task Request_WithASecretThatIsNotThere_OrAHeaderTwice_SendsNothing()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var context = await OpenAsync("run_unset", server.Entry);
        (await gate.CallAsync(context, "http.fetch", new
        {
            url = server.Url(), secret_headers = Header("X-Key", "other"),
        })).Result.MustFail("AEGIS4207");
        (await gate.CallAsync(context, "http.fetch", new
        {
            url = server.Url(), headers = new Dictionary<string, string> { ["x-key"] = "1" },
            secret_headers = Header("X-Key", "api-token"),
        })).Result.MustFail("AEGIS4208");
        Assert.Empty(server.Asked);
        await gate.CloseAsync(context);
    }

    private static Dictionary<string, object> Header(string name, string secret) =>
        new() { [name] = new { secret, prefix = "Bearer " } };

    private async Task<CallContext> OpenAsync(string run, params string[] allow) =>
        await gate.OpenAsync(run) with { Policy = new PlanPolicy([], [.. allow], null, null) };
}
