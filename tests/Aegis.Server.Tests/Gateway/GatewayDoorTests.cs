using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Server.Tests.Gateway;

/// <summary>What a call of the gateway is held to, and what it leaves in the ledger.</summary>
public sealed class GatewayDoorTests : IAsyncLifetime
{
    private const string Hello = """{"model":"reasoning","messages":[{"role":"user","content":"hello"}]}""";
    private GatewayRoom room = null!;

    public async Task InitializeAsync() => room = await GatewayRoom.OpenAsync("openai");

    public async Task DisposeAsync() => await room.DisposeAsync();

    [Fact]
    public async Task ACall_LeavesOneFact_WithWhatItUsed_ToTheLastPlace()
    {
        var (status, body, headers) = await AskAsync(Hello, more: [("x-aegis-task", "greeting"),
            ("x-aegis-agent", "host")]);
        Assert.Equal(HttpStatusCode.OK, status);
        var usage = body.GetProperty("usage");
        var cost = (usage.GetProperty("prompt_tokens").GetDecimal()
            + (2 * usage.GetProperty("completion_tokens").GetDecimal())) / 1_000_000m;
        Assert.Equal(cost, decimal.Parse(headers.GetValues("x-aegis-cost-usd").Single()));
        var fact = await FactAsync(headers.GetValues("x-aegis-call-id").Single());
        Assert.Equal(("llm.chat", true, cost), (fact.GetProperty("tool").GetString(),
            fact.GetProperty("ok").GetBoolean(), fact.GetProperty("cost_usd").GetDecimal()));
        var use = Assert.Single(fact.GetProperty("models").EnumerateArray());
        Assert.Equal(("fake", "fake-1", "live", "answered", "greeting", "host", "reasoning"),
            (Text(use, "provider"), Text(use, "model"), Text(use, "origin"), Text(use, "outcome"),
                Text(use, "task_type"), Text(use, "agent"), Text(use, "asked")));
        Assert.Equal(cost, use.GetProperty("cost_usd").GetDecimal());
    }

    [Fact]
    public async Task AStream_LeavesItsFactToo_AndTellsItsCallBeforeItsWords()
    {
        using var reply = await SendAsync("/v1/chat/completions",
            Hello.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal));
        var text = await reply.Content.ReadAsStringAsync();
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        // the usage that the router asked for is not the client's
        Assert.DoesNotContain("prompt_tokens", text, StringComparison.Ordinal);
        var fact = await FactAsync(reply.Headers.GetValues("x-aegis-call-id").Single());
        var use = fact.GetProperty("models")[0];
        Assert.True(use.GetProperty("first_token_us").GetInt64() <= use.GetProperty("took_us").GetInt64());
        Assert.True(use.GetProperty("cost_usd").GetDecimal() > 0);
    }

    [Fact]
    public async Task AClientThatLeaves_IsAborted_AndItsProviderIsToo()
    {
        const string Slow = "fault slow=400";
        await room.ProfileAsync(
            "providers: { fake: { prices: { " + Slow + ": "
            + "{ input_usd_per_million: 1, output_usd_per_million: 2 } } } }");
        using var gone = new CancellationTokenSource();
        using var request = Request("/v1/chat/completions", """
            {"model":"fault slow=400","stream":true,
            "messages":[{"role":"user","content":"a b c d e f g h i j k l m n"}]}
            """, room.Server.Key);
        using var reply = await room.Server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
        var id = reply.Headers.GetValues("x-aegis-call-id").Single();
        await gone.CancelAsync();
        reply.Dispose();
        var use = (await FactAsync(id)).GetProperty("models")[0];
        Assert.Equal("aborted", Text(use, "outcome"));
        Assert.True(use.GetProperty("cost_usd").GetDecimal() > 0);
    }

    [Fact]
    public async Task WhatThePolicyDenies_IsDeniedHereToo_InTheClientsForm()
    {
        await room.ProfileAsync("""
            providers: { fake: {} }
            models: { reasoning: fake-1 }
            policies: { tools_allowed: [flow.noop] }
            """);
        var (status, body, _) = await AskAsync(Hello);
        Assert.Equal((HttpStatusCode.Forbidden, "permission_error"),
            (status, Text(body.GetProperty("error"), "type")));
        (status, body, _) = await AskAsync(Hello, "/v1/messages");
        Assert.Equal(("error", "permission_error"),
            (Text(body, "type"), Text(body.GetProperty("error"), "type")));
        Assert.Empty(room.Fake.Requests);
    }

    [Theory]
    [InlineData("{}", 400, "AEGIS2386")]
    [InlineData("""{"model":"reasoning"}""", 400, null)]
    [InlineData("not json", 400, "AEGIS2386")]
    [InlineData("""{"model":"coding","messages":[]}""", 404, "AEGIS2320")]
    public async Task ABadCall_IsToldWhatIsWrong(string body, int status, string? code)
    {
        var (told, error, _) = await AskAsync(body);
        Assert.Equal(status, (int)told);
        if (code is not null)
        {
            Assert.Equal(code, Text(error.GetProperty("error"), "code"));
        }
    }

    [Theory]
    [InlineData(64, 200)]
    [InlineData(65, 400)]
    public async Task AHeader_AtItsBound_AndPast(int length, int status)
    {
        var (told, error, _) = await AskAsync(Hello, more: [("x-aegis-task", new string('t', length))]);
        Assert.Equal(status, (int)told);
        if (status != 200)
        {
            Assert.Equal("AEGIS2430", Text(error.GetProperty("error"), "code"));
        }
    }

    [Fact]
    public async Task ASecondKey_AndWithoutAny_AreRefused()
    {
        var (status, _, _) = await AskAsync(Hello, key: "");
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        using var both = Request("/v1/chat/completions", Hello, room.Server.Key);
        both.Headers.Add("x-api-key", "other");
        using var reply = await room.Server.Http.SendAsync(both);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        var scopeless = await room.Server.KeyAsync("acme", "runs:read");
        (status, _, _) = await AskAsync(Hello, key: scopeless);
        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    [Fact]
    public async Task ANewProfile_IsFollowed_AsSoonAsTheNodeHearsOfIt()
    {
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(Hello)).Status);
        await room.ProfileAsync("providers: { fake: {} }\nmodels: { fast: fake-1 }");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (status, body, _) = await AskAsync(Hello);
        while (status == HttpStatusCode.OK && !patience.IsCancellationRequested)
        {
            (status, body, _) = await AskAsync(Hello);
        }
        Assert.Equal((HttpStatusCode.NotFound, "AEGIS2320"),
            (status, Text(body.GetProperty("error"), "code")));
    }

    [Fact]
    public async Task Models_HaveTheShapeOfWhoAsks()
    {
        using var request = Request("/v1/models", null, room.Server.Key);
        request.Headers.Add("anthropic-version", "2023-06-01");
        using var reply = await room.Server.Http.SendAsync(request);
        var list = JsonElement.Parse(await reply.Content.ReadAsStringAsync());
        Assert.Equal(["reasoning", "auto", "fake/fake-1"],
            list.GetProperty("data").EnumerateArray().Select(m => Text(m, "id")));
        Assert.Equal("model", Text(list.GetProperty("data")[0], "type"));
        var (status, one, _) = await room.Server.SendAsync("GET", "/v1/models/fake/fake-1");
        Assert.Equal((HttpStatusCode.OK, "fake/fake-1", "fake"),
            (status, Text(one, "id"), Text(one, "owned_by")));
        (status, one, _) = await room.Server.SendAsync("GET", "/v1/models/nobody");
        Assert.Equal((HttpStatusCode.NotFound, "AEGIS2431"),
            (status, Text(one.GetProperty("error"), "code")));
    }

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();

    private async Task<JsonElement> FactAsync(string call) => JsonElement.Parse(
        await room.Server.UntilAsync("""
        SELECT convert_from(payload, 'UTF8') FROM events
         WHERE type = 'ToolReturned' AND convert_from(payload, 'UTF8')::jsonb ->> 'call_id' = $1
        """, call));

    private async Task<(HttpStatusCode Status, JsonElement Body, HttpResponseHeaders Headers)> AskAsync(
        string body, string path = "/v1/chat/completions", string? key = null,
        params (string Name, string Value)[] more)
    {
        using var reply = await SendAsync(path, body, key, more);
        return (reply.StatusCode, JsonElement.Parse(await reply.Content.ReadAsStringAsync()), reply.Headers);
    }

    private async Task<HttpResponseMessage> SendAsync(
        string path, string body, string? key = null, params (string Name, string Value)[] more)
    {
        using var request = Request(path, body, key ?? room.Server.Key);
        foreach (var (name, value) in more)
        {
            request.Headers.Add(name, value);
        }
        return await room.Server.Http.SendAsync(request);
    }

    private static HttpRequestMessage Request(string path, string? body, string key)
    {
        var request = new HttpRequestMessage(
            body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
        return request;
    }
}
