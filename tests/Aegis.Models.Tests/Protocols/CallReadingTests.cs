using System.Text;
using Aegis.Core.Errors;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Tests.Protocols;

/// <summary>What is wrong with a call is said with its place; limits hold at their edge.</summary>
public sealed class CallReadingTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Theory]
    [InlineData("", "the body", "JSON")]
    [InlineData("[]", "the body", "an object")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"hi"}]} x""", "the body", "JSON")]
    [InlineData("""{"messages":[]}""", "the body", "a member model")]
    [InlineData("""{"model":"m"}""", "the body", "a member messages")]
    [InlineData("""{"model":7,"messages":[]}""", "model", "a model's name")]
    [InlineData("""{"model":"","messages":[]}""", "model",
        "a model's name of 1 to 200 characters that can be shown")]
    [InlineData("""{"model":"a\u0000","messages":[]}""", "model",
        "a model's name of 1 to 200 characters that can be shown")]
    [InlineData("""{"model":"m","messages":{}}""", "messages", "an array")]
    [InlineData("""{"model":"m","messages":[3]}""", "messages[0]", "an object")]
    [InlineData("""{"model":"m","messages":[{"role":"user"},{"role":"boss","content":"x"}]}""", "messages[1]",
        "a message with the role system, developer, user, assistant or tool")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":7}]}""", "messages[0].content",
        "a text or an array of parts")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}""",
        "messages[0].content[0]", "a member text")]
    [InlineData("""{"model":"m","messages":[{"role":"tool","content":"x"}]}""", "messages[0]",
        "a member tool_call_id")]
    [InlineData("""{"model":"m","messages":[],"temperature":"hot"}""", "temperature", "a number from 0 to 2")]
    [InlineData("""{"model":"m","messages":[],"temperature":2.1}""", "temperature", "a number from 0 to 2")]
    [InlineData("""{"model":"m","messages":[],"max_tokens":0}""", "max_tokens",
        "a whole number from 1 to 10000000")]
    [InlineData("""{"model":"m","messages":[],"max_tokens":1.5}""", "max_tokens",
        "a whole number from 1 to 10000000")]
    [InlineData("""{"model":"m","messages":[],"stream":"yes"}""", "stream", "true or false")]
    [InlineData("""{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":""}}]}""",
        "tools[0].function.name", "a tool's name of 1 to 128 characters")]
    [InlineData("""{"model":"m","messages":[],"tool_choice":"maybe"}""", "tool_choice",
        "auto, none, required or a function")]
    [InlineData("""{"model":"m","messages":[],"stop":[1]}""", "stop[0]", "a text")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ud800"}]}""", "messages[0].content",
        "text of whole characters")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":["""
        + """{"type":"image_url","image_url":{"url":"data:x"}}]}]}""",
        "messages[0].content[0].image_url.url", "an address, or data:TYPE;base64,…")]
    public void OpenAiCall_Malformed_NamesPlaceAndExpectation(string body, string place, string expected) =>
        Malformed(body, WireProtocol.OpenAi, place, expected);

    [Theory]
    [InlineData("""{"model":"m","messages":[]}""", "the body", "a member max_tokens")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"system","content":"x"}]}""",
        "messages[0].role", "user or assistant")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user"}]}""", "messages[0]",
        "a member content")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[],"temperature":1.1}""", "temperature",
        "a number from 0 to 1")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[],"tools":[{"name":"a"}]}""", "tools[0]",
        "a member input_schema")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":["""
        + """{"type":"tool_use","id":"a","name":"b","input":"x"}]}]}""",
        "messages[0].content[0].input", "an object")]
    public void AnthropicCall_Malformed_NamesPlaceAndExpectation(string body, string place,
        string expected) => Malformed(body, WireProtocol.Anthropic, place, expected);

    [Theory]
    [InlineData("""{"model":"m","input":"x","previous_response_id":"r"}""", "previous_response_id")]
    [InlineData("""{"model":"m","input":"x","tools":[{"type":"web_search"}]}""", "tools[0]")]
    [InlineData("""{"model":"m","input":[{"type":"item_reference","id":"x"}]}""", "input[0]")]
    public void ResponsesCall_ThatIsNotSimple_IsRefused(string body, string place) =>
        Untranslatable(() => ChatTranslation.ReadCall(Encoding.UTF8.GetBytes(body), WireProtocol.Responses),
            place);

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio"}]}]}""",
        "messages[0].content[0]")]
    [InlineData("""{"model":"m","messages":[],"tools":[{"type":"custom","custom":{"name":"x"}}]}""",
        "tools[0]")]
    [InlineData("""{"model":"m","messages":[],"n":2}""", "n")]
    [InlineData("""{"model":"m","messages":[],"logprobs":true}""", "logprobs")]
    [InlineData("""{"model":"m","messages":[],"response_format":{"type":"json_object"}}""",
        "response_format")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","""
        + """ "function":{"name":"f","arguments":"{"}}]}]}""",
        "the arguments of the tool call f")]
    public void OpenAiCall_ThatAnthropicCannotSay_IsRefused(string body, string place) =>
        Untranslatable(() => ChatTranslation.WriteCall(
            ChatTranslation.ReadCall(Encoding.UTF8.GetBytes(body), WireProtocol.OpenAi),
            WireProtocol.Anthropic, new()), place);

    [Theory]
    [InlineData(ProtocolLimits.MessagesMax, "\"model\":\"m\",\"messages\":[@]", "{\"role\":\"user\"}",
        "messages[10000]")]
    [InlineData(ProtocolLimits.PartsMax, "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[@]}]",
        "{\"type\":\"text\",\"text\":\"a\"}", "messages[0].content[2000]")]
    [InlineData(ProtocolLimits.ToolsMax, "\"model\":\"m\",\"messages\":[],\"tools\":[@]",
        "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "tools[512]")]
    [InlineData(ProtocolLimits.StopsMax, "\"model\":\"m\",\"messages\":[],\"stop\":[@]", "\"s\"", "stop[16]")]
    [InlineData(ProtocolLimits.ToolCallsMax,
        "\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[@]}]",
        "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "messages[0].tool_calls[512]")]
    public void Limit_AtItsEdgeHolds_OnePastIsRefused(int most, string body, string one, string place)
    {
        _ = Read(Of(most));
        var refused = Assert.Throws<AegisException>(() => Read(Of(most + 1)));
        Assert.Equal("AEGIS2388", refused.Error.Code);
        Assert.Contains(place, refused.Error.Message);

        string Of(int count) =>
            "{" + body.Replace("@", string.Join(',', Enumerable.Repeat(one, count))) + "}";
    }

    [Fact]
    public void Members_AtTheLimitHold_OnePastIsRefused()
    {
        _ = Read(Of(ProtocolLimits.MembersMax));
        Assert.Equal("AEGIS2388", Assert.Throws<AegisException>(
            () => Read(Of(ProtocolLimits.MembersMax + 1))).Error.Code);

        static string Of(int count) => "{\"model\":\"m\",\"messages\":[]"
            + string.Concat(Enumerable.Range(0, count).Select(i => $",\"x{i}\":{i}")) + "}";
    }

    [Fact]
    public void Depth_AtTheLimitHolds_OnePastIsRefused()
    {
        // the body itself is the first level
        _ = Read(Of(ProtocolLimits.DepthMax - 1));
        var refused = Assert.Throws<AegisException>(() => Read(Of(ProtocolLimits.DepthMax)));
        Assert.Equal(("AEGIS2386", "nested deeper than 64"), (refused.Error.Code, refused.Error.Got));

        static string Of(int depth) => "{\"model\":\"m\",\"messages\":[],\"x\":" + new string('[', depth)
            + new string(']', depth) + "}";
    }

    [Fact]
    public void Body_AtTheLimitHolds_OnePastIsRefused()
    {
        var body = new byte[ProtocolLimits.CallBytesMax + 1];
        body.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes($$"""{"model":"m",{{Messages}}}""", body);
        _ = ChatTranslation.ReadCall(body.AsSpan(0, ProtocolLimits.CallBytesMax), WireProtocol.OpenAi);
        Assert.Equal("AEGIS2388", Assert.Throws<AegisException>(
            () => ChatTranslation.ReadCall(body, WireProtocol.OpenAi)).Error.Code);
    }

    [Theory]
    [InlineData(ProtocolLimits.ModelCharsMax, "{\"model\":\"@\",\"messages\":[]}")]
    [InlineData(ProtocolLimits.ToolNameCharsMax,
        """{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"@"}}]}""")]
    public void Name_AtTheLimitHolds_OnePastIsRefused(int most, string body)
    {
        _ = Read(body.Replace("@", new string('a', most)));
        Assert.Equal("AEGIS2386", Assert.Throws<AegisException>(
            () => Read(body.Replace("@", new string('a', most + 1)))).Error.Code);
    }

    [Fact]
    public void MaxTokens_AtTheLimitHolds_OnePastIsRefused()
    {
        var body = "{\"model\":\"m\",\"messages\":[],\"max_tokens\":@}";
        Assert.Equal(ProtocolLimits.OutputTokensMax,
            Read(body.Replace("@", $"{ProtocolLimits.OutputTokensMax}")).MaxTokens);
        Assert.Equal("AEGIS2386", Assert.Throws<AegisException>(
            () => Read(body.Replace("@", $"{ProtocolLimits.OutputTokensMax + 1}"))).Error.Code);
    }

    [Fact]
    public void Error_ShowsNothingOfTheConversation()
    {
        var refused = Assert.Throws<AegisException>(() => Read(
            """{"model":"m","messages":[{"role":"user","content":"the secret plan"},"the secret plan"]}"""));
        Assert.DoesNotContain("secret", refused.Error.ToString());
        Assert.Equal("AEGIS2386", Assert.Throws<AegisException>(
            () => CallOutline.Read("""{"model":["the secret plan"]}"""u8)).Error.Code);
    }

    private static ChatCall Read(string body) =>
        ChatTranslation.ReadCall(Encoding.UTF8.GetBytes(body), WireProtocol.OpenAi);

    private static void Malformed(string body, WireProtocol protocol, string place, string expected)
    {
        var refused = Assert.Throws<AegisException>(
            () => ChatTranslation.ReadCall(Encoding.UTF8.GetBytes(body), protocol));
        Assert.Equal(("AEGIS2386", $"the model call is not well formed at {place}", expected),
            (refused.Error.Code, refused.Error.Message, refused.Error.Expected));
        Assert.NotNull(refused.Error.Got);
    }

    private static void Untranslatable(Func<object> act, string place)
    {
        var refused = Assert.Throws<AegisException>(act);
        Assert.Equal("AEGIS2387", refused.Error.Code);
        Assert.StartsWith(place + " has no counterpart", refused.Error.Message);
    }
}
