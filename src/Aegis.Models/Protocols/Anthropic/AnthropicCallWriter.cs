using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Writes a body of <c>/messages</c>.</summary>
public static class AnthropicCallWriter
{
    /// <summary>What this protocol asks for and a call may leave open.</summary>
    public const int DefaultMaxTokens = 4_000;

    /// <exception cref="AegisException">AEGIS2387: the call says what this protocol cannot.</exception>
    public static byte[] Write(ChatCall call, CallWishes wishes, int defaultMaxTokens = DefaultMaxTokens)
    {
        Check(call);
        return JsonBody.Of((call, wishes, defaultMaxTokens),
            static (writer, it) => Body(writer, it.call, it.wishes, it.defaultMaxTokens));
    }

    // what is left out of these without a word would be missed in the answer
    private static void Check(ChatCall call)
    {
        if (call.Format is { Schema: null })
        {
            throw ProtocolErrors.Untranslatable("response_format", "an object without a schema");
        }
        if (call.RestOf == WireProtocol.Anthropic)
        {
            return;
        }
        foreach (var member in call.Rest)
        {
            var asks = member.Name switch
            {
                "n" => member.Json is not ("1" or "null"),
                "logprobs" => member.Json == "true",
                "audio" or "functions" or "function_call" or "web_search_options" => member.Json != "null",
                "modalities" => member.Json.Contains("audio", StringComparison.Ordinal)
                    || member.Json.Contains("image", StringComparison.Ordinal),
                _ => false,
            };
            if (asks)
            {
                throw ProtocolErrors.Untranslatable(member.Name, "no member of messages says it");
            }
        }
    }

    private static void Body(Utf8JsonWriter writer, ChatCall call, CallWishes wishes, int defaultMaxTokens)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, call.Model);
        writer.WriteNumber("max_tokens"u8, call.MaxTokens ?? defaultMaxTokens);
        System(writer, call);
        writer.WriteStartArray("messages"u8);
        foreach (var message in call.Messages)
        {
            AnthropicBlockWriter.Message(writer, message);
        }
        writer.WriteEndArray();
        Tools(writer, call);
        Parameters(writer, call, wishes);
        OutputConfig(writer, call);
        if (call.RestOf == WireProtocol.Anthropic)
        {
            CallFields.WriteRest(writer, call.Rest.Where(member => !IsOutput(member)), wishes);
        }
        writer.WriteEndObject();
    }

    private static void System(Utf8JsonWriter writer, ChatCall call)
    {
        if (call.System is [{ Mark: CacheMark.None, Text.Length: > 0 } only])
        {
            writer.WriteString("system"u8, only.Text);
        }
        else if (call.System.Any(part => part.Text.Length > 0))
        {
            writer.WriteStartArray("system"u8);
            AnthropicBlockWriter.Blocks(writer, call.System);
            writer.WriteEndArray();
        }
    }

    private static void Tools(Utf8JsonWriter writer, ChatCall call)
    {
        if (!call.Tools.IsEmpty)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in call.Tools)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, tool.Name);
                if (tool.Description is not null)
                {
                    writer.WriteString("description"u8, tool.Description);
                }
                writer.Raw("input_schema"u8, tool.Schema);
                if (tool.Strict is { } strict)
                {
                    writer.WriteBoolean("strict"u8, strict);
                }
                CallFields.WriteMark(writer, tool.Mark);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        if (call.ToolChoice is { } choice)
        {
            Choice(writer, choice);
        }
    }

    private static void Choice(Utf8JsonWriter writer, ToolChoice choice)
    {
        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, choice.Kind switch
        {
            ToolChoiceKind.None => "none"u8,
            ToolChoiceKind.Any => "any"u8,
            ToolChoiceKind.Named => "tool"u8,
            _ => "auto"u8,
        });
        if (choice.Kind == ToolChoiceKind.Named)
        {
            writer.WriteString("name"u8, choice.Name);
        }
        if (choice is { Parallel: { } parallel, Kind: not ToolChoiceKind.None })
        {
            writer.WriteBoolean("disable_parallel_tool_use"u8, !parallel);
        }
        writer.WriteEndObject();
    }

    private static void Parameters(Utf8JsonWriter writer, ChatCall call, CallWishes wishes)
    {
        CallFields.WriteSampling(writer, call, wishes, 1, "stop_sequences");
        if (call.Stream)
        {
            writer.WriteBoolean("stream"u8, true);
        }
        if (call.User is not null && !wishes.Omits("metadata"))
        {
            writer.WriteStartObject("metadata"u8);
            writer.WriteString("user_id"u8, call.User);
            writer.WriteEndObject();
        }
    }

    private static void OutputConfig(Utf8JsonWriter writer, ChatCall call)
    {
        var rest = call.RestOf != WireProtocol.Anthropic ? [] : call.Rest.Where(IsOutput).ToList();
        if (call.Format is null && rest.Count == 0)
        {
            return;
        }
        writer.WriteStartObject("output_config"u8);
        if (call.Format is { Schema: { } schema })
        {
            writer.WriteStartObject("format"u8);
            writer.WriteString("type"u8, "json_schema"u8);
            writer.Raw("schema"u8, schema);
            writer.WriteEndObject();
        }
        foreach (var member in rest)
        {
            writer.WritePropertyName(member.Name[AnthropicToolReader.OutputPrefix.Length..]);
            writer.Raw(member.Json);
        }
        writer.WriteEndObject();
    }

    private static bool IsOutput(RestMember member) =>
        member.Name.StartsWith(AnthropicToolReader.OutputPrefix, StringComparison.Ordinal);
}
