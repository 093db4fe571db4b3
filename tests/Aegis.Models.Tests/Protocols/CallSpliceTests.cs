using System.Text;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Tests.Support;

namespace Aegis.Models.Tests.Protocols;

/// <summary>A body that goes on in its own protocol is the same but for what was meant to change.</summary>
public sealed class CallSpliceTests
{
    [Theory]
    [InlineData("""{ "messages" : [ ],  "model":"old" ,"x":1}""",
        """{ "messages" : [ ],  "model":"new" ,"x":1}""")]
    [InlineData("""{"model":"old","model_name":"old","x":{"model":"old"}}""",
        """{"model":"new","model_name":"old","x":{"model":"old"}}""")]
    [InlineData("""{"mod\u0065l":"o\u006cd","messages":[]}""", """{"mod\u0065l":"new","messages":[]}""")]
    [InlineData("""{"model":"old","stream":true}""",
        """{"model":"new","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"old","stream":true,"stream_options":null}""",
        """{"model":"new","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"old","stream_options":{},"stream":true}""",
        """{"model":"new","stream_options":{"include_usage":true},"stream":true}""")]
    [InlineData("""{"model":"old","stream_options":{"a": 1},"stream":true}""",
        """{"model":"new","stream_options":{"include_usage":true,"a": 1},"stream":true}""")]
    [InlineData("""{"model":"old","stream_options":{"a":1,"include_usage":false},"stream":true}""",
        """{"model":"new","stream_options":{"a":1,"include_usage":true},"stream":true}""")]
    [InlineData("""{"model":"old","stream_options":{"include_usage":true},"stream":true}""",
        """{"model":"new","stream_options":{"include_usage":true},"stream":true}""")]
    [InlineData("""{"model":"old","stream":false}""", """{"model":"new","stream":false}""")]
    public void Apply_ModelAndUsage_LeavesEveryOtherByte(string body, string expected) =>
        Assert.Equal(expected, Spliced(body, new("new", IncludeUsage: true)));

    [Theory]
    [InlineData("""{"model":"m","max_tokens": 9 }""", 5, false, """{"model":"m","max_tokens":5 }""")]
    [InlineData("""{"model":"m"}""", 5, false, """{"model":"m","max_tokens":5}""")]
    [InlineData("""{"model":"m"}""", 5, true, """{"model":"m","max_completion_tokens":5}""")]
    [InlineData("""{"model":"m","max_completion_tokens":9,"a":1}""", 5, true,
        """{"model":"m","max_completion_tokens":5,"a":1}""")]
    [InlineData("""{"model":"m","max_tokens":9,"a":1}""", null, true,
        """{"model":"m","max_completion_tokens":9,"a":1}""")]
    [InlineData("""{"model":"m","max_tokens": 9,"a":1}""", null, false,
        """{"model":"m","max_tokens": 9,"a":1}""")]
    [InlineData("""{"model":"m","max_completion_tokens": 9}""", null, false,
        """{"model":"m","max_tokens":9}""")]
    public void Apply_MaxTokens_IsSaidAsTheProviderWantsIt(string body, int? tokens, bool completion,
        string expected) => Assert.Equal(expected, Spliced(body, new("m", MaxTokens: tokens)
        {
            Wishes = new() { MaxCompletionTokens = completion },
        }));

    [Fact]
    public void Apply_Without_DropsWhatTheModelRefuses() => Assert.Equal("""{"model":"n","z":[1, 2]}""",
        Spliced("""{"temperature":1,"model":"m", "top_p":1 ,"z":[1, 2],"temperatur\u0065":1}""".Replace(
            ",\"temperatur\\u0065\":1", ""), new("n")
            {
                Wishes = new() { Without = ["temperature", "top_p"] },
            }));

    [Fact]
    public void Apply_AnyCall_ChangesTheModelAlone()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var body = ChatTranslation.WriteCall(new CallMaker(seed).Make(), WireProtocol.OpenAi,
                new() { CacheMarks = true });
            var outline = CallOutline.Read(body);
            var spliced = CallSplice.Apply(body, outline, new("other\"model"), WireProtocol.OpenAi);
            var expected = JsonNode.Parse(body)!;
            expected["model"] = "other\"model";
            Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(spliced)), $"seed {seed}");
            var back = CallSplice.Apply(spliced, CallOutline.Read(spliced), new(outline.Model),
                WireProtocol.OpenAi);
            Assert.True(back.AsSpan().SequenceEqual(body), $"seed {seed}");
        }
    }

    [Fact]
    public void Outline_TellsWhatARouterAsks()
    {
        var outline = CallOutline.Read("""
            {"model":"m","stream":true,"max_completion_tokens":7,"temperature":0.5,"n":3,
             "stream_options":{"include_usage":true},"response_format":{"type":"json_schema"},
             "tools":[{}],"messages":[{"role":"user","content":[{"type":"text","text":"abc",
               "cache_control":{"type":"ephemeral"}},
               {"type":"image_url","image_url":{"url":
                 "data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}]}]}
            """u8);
        Assert.Equal(("m", true, true, 7, 0.5, 3), (outline.Model, outline.Stream, outline.StreamUsage,
            outline.MaxTokens, outline.Temperature, outline.Choices));
        Assert.Equal((true, true, true, 1), (outline.HasTools, outline.HasFormat, outline.HasCacheMarks,
            outline.Images));
        Assert.InRange(outline.PromptBytes, 100, 220);
    }

    [Theory]
    [InlineData("""{"model":"cheap","model":"dear"}""")]
    [InlineData("""{"model":"cheap","mod\u0065l":"dear"}""")]
    [InlineData("""{"model":"m","max_tokens":1,"max_tokens":100000}""")]
    [InlineData("""{"model":"m","max_tokens":1,"max_completion_tokens":100000}""")]
    [InlineData("""{"model":"m","n":1,"n":100}""")]
    [InlineData("""{"model":"m","stream_options":{"include_usage":true,"include_usage":false}}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"model":"m","messages":[}""")]
    public void Outline_ThatCouldBeReadTwoWays_IsRefused(string body) => Assert.Equal("AEGIS2386",
        Assert.Throws<AegisException>(() => CallOutline.Read(Encoding.UTF8.GetBytes(body))).Error.Code);

    [Fact]
    public void Outline_MembersAtTheLimitHold_OnePastIsRefused()
    {
        _ = CallOutline.Read(Of(ProtocolLimits.MembersMax));
        Assert.Equal("AEGIS2388", Assert.Throws<AegisException>(
            () => CallOutline.Read(Of(ProtocolLimits.MembersMax + 1))).Error.Code);

        static byte[] Of(int count) => Encoding.UTF8.GetBytes("{\"model\":\"m\""
            + string.Concat(Enumerable.Range(1, count - 1).Select(i => $",\"x{i}\":{i}")) + "}");
    }

    [Fact]
    public void Outline_ChoicesAtTheLimitHold_OnePastIsRefused()
    {
        Assert.Equal(128, CallOutline.Read("""{"model":"m","n":128}"""u8).Choices);
        Assert.Equal("AEGIS2386", Assert.Throws<AegisException>(
            () => CallOutline.Read("""{"model":"m","n":129}"""u8)).Error.Code);
    }

    private static string Spliced(string body, CallEdit edit)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return Encoding.UTF8.GetString(CallSplice.Apply(bytes, CallOutline.Read(bytes), edit,
            WireProtocol.OpenAi));
    }
}
