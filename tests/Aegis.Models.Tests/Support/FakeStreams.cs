using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Support;

/// <summary>Streams that the fake provider wrote, byte for byte.</summary>
internal static class FakeStreams
{
    private const string Tools = """
        [{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}]
        """;

    private const string AnthropicTools = """[{"name":"look","input_schema":{"type":"object"}}]""";
    private static readonly ConcurrentDictionary<(WireProtocol, string), byte[]> Read = new();

    public static byte[] Of(WireProtocol protocol, string question) =>
        Read.GetOrAdd((protocol, question), key => ReadAsync(key.Item1, key.Item2).GetAwaiter().GetResult());

    public static byte[] Call(WireProtocol protocol, string question, bool stream = true)
    {
        var body = new JsonObject
        {
            ["model"] = "fake-1",
            ["max_tokens"] = 500,
            ["stream"] = stream,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
            ["tools"] = JsonNode.Parse(protocol == WireProtocol.Anthropic ? AnthropicTools : Tools),
        };
        if (protocol == WireProtocol.OpenAi && stream)
        {
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    public static UpstreamTarget Target(FakeProvider fake, WireProtocol protocol, string? fault = null) =>
        new("fake", fake.Url, protocol, UpstreamAuth.Bearer("fake-key"), "fake-1")
        {
            Headers = fault is null ? [] : [("x-fake", fault)],
        };

    /// <summary>What a provider counts for a call.</summary>
    public static async Task<TokenUsage> UsedAsync(UpstreamClient client, UpstreamTarget target,
        ReadOnlyMemory<byte> body)
    {
        using var answer = await client.SendAsync(target, UpstreamPath.Chat, body, default);
        var (bytes, failure) = await answer.ReadAsync(default);
        Assert.True(bytes is not null, failure?.ToString());
        Assert.True(AnswerOutline.TryRead(bytes.Value.Span, target.Protocol, AnswerKind.Chat, out var read,
            out var wrong), wrong);
        return read.Usage!;
    }

    private static async Task<byte[]> ReadAsync(WireProtocol protocol, string question)
    {
        await using var fake = await FakeProvider.StartAsync();
        using var client = new UpstreamClient();
        using var answer = await client.SendAsync(Target(fake, protocol), UpstreamPath.Chat,
            Call(protocol, question), default);
        return (await answer.ReadAsync(default)).Bytes!.Value.ToArray();
    }
}
