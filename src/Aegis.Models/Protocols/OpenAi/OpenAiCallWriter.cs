using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Writes a body of <c>/chat/completions</c>.</summary>
public static class OpenAiCallWriter
{
    /// <exception cref="AegisException">AEGIS2387: the call says what this protocol cannot.</exception>
    public static byte[] Write(ChatCall call, CallWishes wishes) =>
        JsonBody.Of((call, wishes), static (writer, it) => Body(writer, it.call, it.wishes));

    private static void Body(Utf8JsonWriter writer, ChatCall call, CallWishes wishes)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, call.Model);
        writer.WriteStartArray("messages"u8);
        OpenAiMessageWriter.System(writer, call.System, wishes.CacheMarks);
        foreach (var message in call.Messages)
        {
            OpenAiMessageWriter.Message(writer, message, wishes.CacheMarks);
        }
        writer.WriteEndArray();
        Tools(writer, call, wishes);
        Format(writer, call.Format);
        Numbers(writer, call, wishes);
        if (call.Stream)
        {
            writer.WriteBoolean("stream"u8, true);
            if (wishes.StreamUsage)
            {
                writer.WriteStartObject("stream_options"u8);
                writer.WriteBoolean("include_usage"u8, true);
                writer.WriteEndObject();
            }
        }
        if (call.User is not null && !wishes.Omits("user"))
        {
            writer.WriteString("user"u8, call.User);
        }
        if (call.RestOf == WireProtocol.OpenAi)
        {
            CallFields.WriteRest(writer, call.Rest, wishes);
        }
        writer.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter writer, ChatCall call, CallWishes wishes)
    {
        CallFields.WriteSampling(writer, call, wishes, CallFields.TemperatureMost, "stop");
        if (call.MaxTokens is { } tokens)
        {
            writer.WriteNumber(wishes.MaxCompletionTokens ? "max_completion_tokens"u8 : "max_tokens"u8,
                tokens);
        }
    }

    private static void Tools(Utf8JsonWriter writer, ChatCall call, CallWishes wishes)
    {
        if (!call.Tools.IsEmpty)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in call.Tools)
            {
                Tool(writer, tool, wishes.CacheMarks);
            }
            writer.WriteEndArray();
        }
        if (call.ToolChoice is not { } choice)
        {
            return;
        }
        if (choice is not { Kind: ToolChoiceKind.Auto, Parallel: not null })
        {
            Choice(writer, choice);
        }
        if (choice.Parallel is { } parallel && !wishes.Omits("parallel_tool_calls"))
        {
            writer.WriteBoolean("parallel_tool_calls"u8, parallel);
        }
    }

    private static void Tool(Utf8JsonWriter writer, ChatTool tool, bool marks)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, tool.Name);
        if (tool.Description is not null)
        {
            writer.WriteString("description"u8, tool.Description);
        }
        writer.Raw("parameters"u8, tool.Schema);
        if (tool.Strict is { } strict)
        {
            writer.WriteBoolean("strict"u8, strict);
        }
        writer.WriteEndObject();
        if (marks)
        {
            CallFields.WriteMark(writer, tool.Mark);
        }
        writer.WriteEndObject();
    }

    private static void Choice(Utf8JsonWriter writer, ToolChoice choice)
    {
        if (choice.Kind != ToolChoiceKind.Named)
        {
            writer.WriteString("tool_choice"u8, choice.Kind switch
            {
                ToolChoiceKind.None => "none"u8,
                ToolChoiceKind.Any => "required"u8,
                _ => "auto"u8,
            });
            return;
        }
        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, choice.Name);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Format(Utf8JsonWriter writer, AnswerFormat? format)
    {
        if (format is null)
        {
            return;
        }
        writer.WriteStartObject("response_format"u8);
        if (format.Schema is null)
        {
            writer.WriteString("type"u8, "json_object"u8);
        }
        else
        {
            writer.WriteString("type"u8, "json_schema"u8);
            writer.WriteStartObject("json_schema"u8);
            writer.WriteString("name"u8, format.Name ?? "answer");
            if (format.Description is not null)
            {
                writer.WriteString("description"u8, format.Description);
            }
            writer.Raw("schema"u8, format.Schema);
            if (format.Strict is { } strict)
            {
                writer.WriteBoolean("strict"u8, strict);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
