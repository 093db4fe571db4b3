using System.Text;
using System.Text.Json;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Tests.Protocols;

/// <summary>Whole answers and errors of both protocols.</summary>
public sealed class AnswerTests
{
    private static readonly ChatAnswer Answer = new("id-1", "m", [new TextPart("Let me \"look\"."),
        new ToolCallPart("c1", "look", """{"at":1}"""), new ToolCallPart("c2", "look", "{}")],
        FinishReason.ToolCalls, new(100, 20, 60, 10, 0));

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public void Answer_WrittenAndRead_IsTheSame(WireProtocol protocol)
    {
        var written = ChatTranslation.WriteAnswer(Answer, protocol, 1);
        Assert.True(ChatTranslation.TryReadAnswer(written, protocol, out var read, out var wrong), wrong);
        Assert.Equal(Answer, read);
        Assert.True(AnswerOutline.TryRead(written, protocol, AnswerKind.Chat, out var outline, out _));
        Assert.Equal(new AnswerOutline("m", FinishReason.ToolCalls, Answer.Usage), outline);
    }

    [Theory]
    [InlineData("stop", FinishReason.Stop, "end_turn")]
    [InlineData("length", FinishReason.Length, "max_tokens")]
    [InlineData("tool_calls", FinishReason.ToolCalls, "tool_use")]
    [InlineData("content_filter", FinishReason.Filter, "refusal")]
    public void FinishReason_HasItsNameInBoth(string openAi, FinishReason reason, string anthropic)
    {
        var answer = Answer with { Finish = reason };
        Assert.Contains($"\"finish_reason\":\"{openAi}\"", Written(answer, WireProtocol.OpenAi));
        Assert.Contains($"\"stop_reason\":\"{anthropic}\"", Written(answer, WireProtocol.Anthropic));
    }

    [Fact]
    public void Usage_OfAnthropic_LeavesCachedTokensOutOfItsInput() => Assert.Contains(
        "\"input_tokens\":30,\"cache_creation_input_tokens\":10,\"cache_read_input_tokens\":60,"
        + "\"output_tokens\":20", Written(Answer, WireProtocol.Anthropic));

    [Theory]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":3,"prompt_cache_hit_tokens":4}""", 9, 3, 4, 0)]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":2},"""
        + """ "completion_tokens_details":{"reasoning_tokens":1}}""",
        9, 3, 2, 1)]
    [InlineData("""{"prompt_tokens":9,"total_tokens":9}""", 9, 0, 0, 0)]
    public void Usage_OfOpenAisKin_IsRead(string usage, long input, long output, long cached, long reasoning)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"choices":[],"usage":{{usage}}}""");
        Assert.True(AnswerOutline.TryRead(body, WireProtocol.OpenAi, AnswerKind.Chat, out var read, out _));
        Assert.Equal(new TokenUsage(input, output, cached, 0, reasoning), read.Usage);
    }

    [Theory]
    [InlineData("""{"id":"x","choices":[]}""", WireProtocol.OpenAi,
        "the body should be choices with one at least")]
    [InlineData("""{"choices":[{"message":{"content":7}}]}""", WireProtocol.OpenAi,
        "choices[0].message.content should be a text or an array of parts")]
    [InlineData("<html>", WireProtocol.OpenAi, "the body is not JSON")]
    [InlineData("""{"type":"message"}""", WireProtocol.Anthropic, "the body should be a member content")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[{"id":"a","type":"function","""
        + """ "function":{"name":"f","arguments":"{"}}]}}]}""",
        WireProtocol.OpenAi, "the arguments of a tool call are no JSON object")]
    public void Answer_Malformed_SaysWhy(string body, WireProtocol protocol, string why)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.False(ChatTranslation.TryReadAnswer(bytes, protocol, out _, out var wrong));
        Assert.StartsWith(why, wrong);
    }

    [Theory]
    [InlineData(WireFailureKind.BadCall, 400)]
    [InlineData(WireFailureKind.KeyRefused, 401)]
    [InlineData(WireFailureKind.Forbidden, 403)]
    [InlineData(WireFailureKind.NotFound, 404)]
    [InlineData(WireFailureKind.RateLimited, 429)]
    [InlineData(WireFailureKind.Broken, 500)]
    [InlineData(WireFailureKind.TimedOut, 504)]
    [InlineData(WireFailureKind.Overloaded, 503)]
    public void Failure_WrittenAndRead_KeepsItsKind(WireFailureKind kind, int status)
    {
        foreach (var protocol in new[] { WireProtocol.OpenAi, WireProtocol.Anthropic })
        {
            var failure = WireFailure.Of(kind, "why", "AEGIS2341");
            Assert.Equal(status, failure.Status);
            var body = FailureBodies.Write(failure, protocol);
            Assert.Equal(failure, FailureBodies.Read(WireFailure.StatusOf(kind, protocol), body) with
            {
                Status = status,
            });
        }
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"no","code":"model_not_found"}}""", WireFailureKind.NotFound,
        "no")]
    [InlineData(429, """[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]""",
        WireFailureKind.RateLimited, "slow")]
    [InlineData(500, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""",
        WireFailureKind.Overloaded, "Overloaded")]
    [InlineData(404, """{"error":"model 'x' not found"}""", WireFailureKind.NotFound, "model 'x' not found")]
    [InlineData(422, """{"detail":[{"loc":["body"]}]}""", WireFailureKind.BadCall, """[{"loc":["body"]}]""")]
    [InlineData(502, "<html>bad gateway</html>", WireFailureKind.Broken, "HTTP 502")]
    [InlineData(400, "7", WireFailureKind.BadCall, "HTTP 400")]
    [InlineData(401, """{"message":"bad key sk-1\u0007!"}""", WireFailureKind.KeyRefused, "bad key *** !")]
    public void Failure_OfProviders_IsRead(int status, string body, WireFailureKind kind, string message)
    {
        var read = FailureBodies.Read(status, Encoding.UTF8.GetBytes(body), "sk-1");
        Assert.Equal((kind, message, status), (read.Kind, read.Message, read.Status));
    }

    [Theory]
    [InlineData(500, 500)]
    [InlineData(501, 500)]
    public void Failure_LongMessage_IsCut(int length, int shown)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"message":"{{new string('a', length)}}"}""");
        Assert.Equal(shown, FailureBodies.Read(400, body).Message.Length);
    }

    [Fact]
    public void Answer_AsAResponse_HasItsTextAndCalls()
    {
        using var body = JsonDocument.Parse(ChatTranslation.WriteAnswer(Answer, WireProtocol.Responses, 7));
        var root = body.RootElement;
        Assert.Equal("completed", root.GetProperty("status").GetString());
        Assert.Equal("Let me \"look\".", root.GetProperty("output")[0].GetProperty("content")[0]
            .GetProperty("text").GetString());
        Assert.Equal("c1", root.GetProperty("output")[1].GetProperty("call_id").GetString());
        Assert.Equal(120, root.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    private static string Written(ChatAnswer answer, WireProtocol protocol) =>
        Encoding.UTF8.GetString(ChatTranslation.WriteAnswer(answer, protocol, 1));
}
