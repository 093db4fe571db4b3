using System.Text;
using System.Text.Json;
using Aegis.Models.Protocols;
using Aegis.Models.Tests.Support;

namespace Aegis.Models.Tests.Protocols;

/// <summary>Calls from one protocol into the other and back.</summary>
public sealed class CallTranslationTests
{
    private static readonly CallWishes Marked = new() { CacheMarks = true };

    [Fact]
    public void Call_ThroughBothProtocols_KeepsItsMeaning()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var made = new CallMaker(seed).Make();
            var openAi = ChatTranslation.WriteCall(made, WireProtocol.OpenAi, Marked);
            var read = ChatTranslation.ReadCall(openAi, WireProtocol.OpenAi);
            Same(seed, made, read);
            var anthropic = ChatTranslation.WriteCall(read, WireProtocol.Anthropic, Marked);
            var back = ChatTranslation.ReadCall(anthropic, WireProtocol.Anthropic);
            Same(seed, read, back);
            Same(seed, back, ChatTranslation.ReadCall(
                ChatTranslation.WriteCall(back, WireProtocol.Anthropic, Marked), WireProtocol.Anthropic));
        }
    }

    [Fact]
    public void OpenAiCall_ToAnthropic_SaysAllThatItKnows()
    {
        var call = ChatTranslation.ReadCall("""
            {"model":"m","messages":[
              {"role":"system","content":"Be short."},
              {"role":"user","content":[{"type":"text","text":"What is it?"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
                "function":{"name":"look","arguments":"{\"at\":1}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"a cat"},
              {"role":"developer","content":"In Spanish."}],
             "tools":[{"type":"function","function":{"name":"look","description":"Looks.",
               "parameters":{"type":"object","properties":{"at":{"type":"number"}}}}}],
             "tool_choice":"required","parallel_tool_calls":false,"stop":"END","temperature":1.5,"top_p":0.5,
             "max_completion_tokens":77,"user":"u1","seed":7}
            """u8, WireProtocol.OpenAi);
        Equal("""
            {"model":"m","max_tokens":77,"system":[{"type":"text","text":"Be short."},
              {"type":"text","text":"In Spanish."}],
             "messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
              {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"look","input":{"at":1}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"a cat"}]}],
             "tools":[{"name":"look","description":"Looks.",
               "input_schema":{"type":"object","properties":{"at":{"type":"number"}}}}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true},"temperature":1,"top_p":0.5,
             "stop_sequences":["END"],"metadata":{"user_id":"u1"}}
            """, ChatTranslation.WriteCall(call, WireProtocol.Anthropic, new()));
    }

    [Fact]
    public void AnthropicCall_ToOpenAi_SaysAllThatItKnows()
    {
        var call = ChatTranslation.ReadCall("""
            {"model":"m","max_tokens":9,"system":[{"type":"text","text":"Be short.",
              "cache_control":{"type":"ephemeral","ttl":"1h"}}],"top_k":3,"stream":true,
             "messages":[{"role":"user","content":"Look"},
              {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
                {"type":"text","text":"I look."},{"type":"tool_use","id":"t1","name":"look","input":{}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,
                 "content":[{"type":"text","text":"dark"},
                   {"type":"image","source":{"type":"url","url":"https://e.com/i.png"}}]},
                {"type":"text","text":"And now?"}]}],
             "tools":[{"name":"look","input_schema":{"type":"object"}}],
             "tool_choice":{"type":"tool","name":"look"},"stop_sequences":["a","b"]}
            """u8, WireProtocol.Anthropic);
        Equal("""
            {"model":"m","messages":[{"role":"system","content":[{"type":"text","text":"Be short.",
                "cache_control":{"type":"ephemeral","ttl":"1h"}}]},
              {"role":"user","content":"Look"},
              {"role":"assistant","content":"I look.","tool_calls":[{"id":"t1","type":"function",
                "function":{"name":"look","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"t1","content":"Error: dark"},
              {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/i.png"}},
                {"type":"text","text":"And now?"}]}],
             "tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}],
             "tool_choice":{"type":"function","function":{"name":"look"}},"stop":["a","b"],"max_tokens":9,
             "stream":true,"stream_options":{"include_usage":true}}
            """, ChatTranslation.WriteCall(call, WireProtocol.OpenAi, Marked));
    }

    [Fact]
    public void ResponsesCall_BecomesAChat()
    {
        var call = ChatTranslation.ReadCall("""
            {"model":"m","instructions":"Be short.","input":[{"role":"user","content":[
                {"type":"input_text","text":"Look"},
                {"type":"input_image","image_url":"https://e.com/i.png"}]},
              {"type":"reasoning","id":"r","summary":[]},
              {"type":"function_call","call_id":"c1","name":"look","arguments":"{}"},
              {"type":"function_call","call_id":"c2","name":"look","arguments":"{}"},
              {"type":"function_call_output","call_id":"c1","output":"a"},
              {"type":"function_call_output","call_id":"c2","output":"b"}],
             "tools":[{"type":"function","name":"look","parameters":{"type":"object"},"strict":true}],
             "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}},
             "max_output_tokens":5,"store":false}
            """u8, WireProtocol.Responses);
        Equal("""
            {"model":"m","messages":[{"role":"system","content":"Be short."},
              {"role":"user","content":[{"type":"text","text":"Look"},
                {"type":"image_url","image_url":{"url":"https://e.com/i.png"}}]},
              {"role":"assistant","content":null,"tool_calls":[
                {"id":"c1","type":"function","function":{"name":"look","arguments":"{}"}},
                {"id":"c2","type":"function","function":{"name":"look","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"a"},
              {"role":"tool","tool_call_id":"c2","content":"b"}],
             "tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"},
               "strict":true}}],
             "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}},
             "max_tokens":5}
            """, ChatTranslation.WriteCall(call, WireProtocol.OpenAi, new()));
    }

    [Fact]
    public void Rest_GoesToItsOwnProtocolAlone()
    {
        var call = ChatTranslation.ReadCall(
            """{"model":"m","messages":[],"seed":7,"x":{"y":[1]}}"""u8, WireProtocol.OpenAi);
        Equal("""{"model":"m","messages":[],"seed":7,"x":{"y":[1]}}""",
            ChatTranslation.WriteCall(call, WireProtocol.OpenAi, new()));
        Equal("""{"model":"m","max_tokens":4000,"messages":[]}""",
            ChatTranslation.WriteCall(call, WireProtocol.Anthropic, new()));
    }

    [Fact]
    public void Wishes_SayTheCallAsTheProviderWantsIt()
    {
        var call = ChatTranslation.ReadCall(
            """{"model":"m","messages":[],"temperature":0.5,"seed":7,"max_tokens":5,"stream":true}"""u8,
            WireProtocol.OpenAi);
        Equal("""{"model":"m","messages":[],"max_completion_tokens":5,"stream":true}""",
            ChatTranslation.WriteCall(call, WireProtocol.OpenAi, new()
            {
                MaxCompletionTokens = true,
                StreamUsage = false,
                Without = ["temperature", "seed"],
            }));
    }

    private static void Same(int seed, ChatCall one, ChatCall other) =>
        Assert.True(Said(one) == Said(other), $"seed {seed}:\n{Said(one)}\n{Said(other)}");

    // the one text that stands for a call's meaning: a schema's name is OpenAI's alone
    private static string Said(ChatCall call) => Encoding.UTF8.GetString(ChatTranslation.WriteCall(
        call with { Format = call.Format is { } f ? f with { Name = null } : null, Rest = [] },
        WireProtocol.OpenAi, Marked));

    private static void Equal(string expected, byte[] written)
    {
        using var one = JsonDocument.Parse(expected);
        using var other = JsonDocument.Parse(written);
        Assert.True(JsonElement.DeepEquals(one.RootElement, other.RootElement),
            $"expected {expected}\ngot {Encoding.UTF8.GetString(written)}");
    }
}
