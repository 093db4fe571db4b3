using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Rpc;

/// <summary><c>llm.chat</c> with a model that answers, over the socket and by the CLI: a server on loopback
/// that speaks OpenAI's protocol, named by the profile of a project of its own.</summary>
[Collection(RealServerGroup.Name)]
public sealed class ChatTests(RealServer server) : IAsyncLifetime
{
    private readonly ChatServer model = ChatServer.Replying("good day to you", 100, 10);
    private string key = "";

    public async Task InitializeAsync()
    {
        var tenant = $"models-{Guid.NewGuid():N}"[..20];
        await server.ProjectAsync(new Tenancy(tenant, "web"));
        key = await server.KeyAsync(tenant, "admin:*");
        var yaml = $$"""
            providers:
              local:
                base_url: {{model.Url}}
                prices:
                  tiny-1: { input_usd_per_million: 1, output_usd_per_million: 2 }
            models:
              reasoning: { provider: local, model: tiny-1 }
            """;
        var (status, answer, _) = await server.SendAsync("PUT", "/v1/profile",
            new JsonObject { ["yaml"] = yaml, ["files"] = new JsonObject() }.ToJsonString(), key);
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
    }

    public async Task DisposeAsync() => await model.DisposeAsync();

    [Fact]
    public async Task Chat_AnswersWithTheModelsWords_AndWhatTheyCost()
    {
        using var talk = await RpcTalk.OpenAsync(server, key);
        var answer = await talk.AskAsync(new { op = "llm.chat", provider = "local", model = "tiny-1",
            messages = new[] { new { role = "user", content = "hi" } } });
        Assert.True(answer.GetProperty("ok").GetBoolean(), answer.GetRawText());
        Assert.Equal("good day to you", Words(answer));
        Assert.Equal(0.00012m, answer.GetProperty("cost_usd").GetDecimal());
        Assert.Equal("live", answer.GetProperty("outputs").GetProperty("origin").GetString());
        Assert.Equal("hi", model.Requests.Single().Body.GetProperty("messages")[0].GetProperty("content")
            .GetString());
        // the record says the same
        var returned = (await server.EndedAsync(answer.GetProperty("run_id").GetString()!, key))
            .Single(f => f.GetProperty("type").GetString() == "ToolReturned").GetProperty("payload");
        Assert.Equal(0.00012m, returned.GetProperty("cost_usd").GetDecimal());
    }

    [Fact]
    public async Task Chat_Streaming_SendsEachPieceWhileTheModelSpeaks()
    {
        var goes = new TaskCompletionSource();
        model.Goes = goes.Task;
        using var talk = await RpcTalk.OpenAsync(server, key);
        await talk.SendAsync(new { id = "c", op = "llm.chat", prompt = "hi", streaming = true });
        var pieces = new List<string>();
        JsonElement message;
        do
        {
            message = await talk.UntilAsync(m => m.TryGetProperty("stream", out _));
            if (Words(message) is { Length: > 0 } words)
            {
                // the model waits behind its first word until it was heard here
                pieces.Add(words);
                goes.TrySetResult();
            }
        }
        while (!message.TryGetProperty("ok", out _));
        Assert.True(message.GetProperty("ok").GetBoolean(), message.GetRawText());
        Assert.Equal(("good", "good day to you"), (pieces[0], string.Concat(pieces)));
        Assert.Equal("", Words(message));
        Assert.Equal(0.00012m, message.GetProperty("cost_usd").GetDecimal());
    }

    [Fact]
    public async Task Cli_ChatsAndTestsProviders()
    {
        var (exit, said) = await AegisAsync("llm", "chat", "--system", "be brief", "hello", "there");
        Assert.Equal((0, "good day to you\n"), (exit, said));
        Assert.Equal(["be brief", "hello there"], model.Requests.Last().Body.GetProperty("messages")
            .EnumerateArray().Select(m => m.GetProperty("content").GetString()));
        var (tested, line) = await AegisAsync(
            "providers", "test", "--provider", "local", "--model", "tiny-1");
        Assert.Equal(0, tested);
        Assert.StartsWith("local tiny-1-2026 (live): ", line, StringComparison.Ordinal);
        Assert.EndsWith("ms, 100 tokens in, 10 out\n", line, StringComparison.Ordinal);
        var (ended, json) = await AegisAsync("llm", "chat", "--json", "hello");
        Assert.Equal((0, 0.00012m), (ended,
            JsonElement.Parse(json).GetProperty("cost_usd").GetDecimal()));
    }

    private static string Words(JsonElement message) => string.Concat(message.GetProperty("stream")
        .EnumerateArray().Where(p => p.GetProperty("type").GetString() == "text")
        .Select(p => p.GetProperty("data").GetString()));

    private async Task<(int Exit, string Output)> AegisAsync(params string[] arguments)
    {
        var (exit, output, error) = await server.AegisAsync(arguments, key);
        Assert.Equal("", error);
        return (exit, output);
    }
}
