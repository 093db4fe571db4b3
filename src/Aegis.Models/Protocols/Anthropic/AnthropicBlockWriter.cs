using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Writes blocks. Empty texts are left out, which this protocol refuses.</summary>
internal static class AnthropicBlockWriter
{
    public static void Message(Utf8JsonWriter writer, ChatMessage message)
    {
        if (!message.Parts.Any(Says))
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("role"u8, message.Role == ChatRole.User ? "user"u8 : "assistant"u8);
        if (message.Parts is [TextPart { Mark: CacheMark.None } only])
        {
            writer.WriteString("content"u8, only.Text);
        }
        else
        {
            writer.WriteStartArray("content"u8);
            Blocks(writer, message.Parts);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    public static void Blocks(Utf8JsonWriter writer, IEnumerable<ChatPart> parts)
    {
        foreach (var part in parts.Where(Says))
        {
            writer.WriteStartObject();
            Block(writer, part);
            CallFields.WriteMark(writer, part.Mark);
            writer.WriteEndObject();
        }
    }

    // reasoning without a signature was made by another provider, and is refused
    private static bool Says(ChatPart part) => part switch
    {
        TextPart text => text.Text.Length > 0,
        ReasoningPart thought => thought.IsSealed || thought.Signature is not null,
        _ => true,
    };

    private static void Block(Utf8JsonWriter writer, ChatPart part)
    {
        switch (part)
        {
            case TextPart text:
                writer.WriteString("type"u8, "text"u8);
                writer.WriteString("text"u8, text.Text);
                break;
            case ImagePart image:
                Image(writer, image);
                break;
            case ToolCallPart call:
                writer.WriteString("type"u8, "tool_use"u8);
                writer.WriteString("id"u8, call.Id);
                writer.WriteString("name"u8, call.Name);
                writer.Raw("input"u8, Input(call));
                break;
            case ToolResultPart result:
                Result(writer, result);
                break;
            case ReasoningPart { IsSealed: true } hidden:
                writer.WriteString("type"u8, "redacted_thinking"u8);
                writer.WriteString("data"u8, hidden.Text);
                break;
            case ReasoningPart thought:
                writer.WriteString("type"u8, "thinking"u8);
                writer.WriteString("thinking"u8, thought.Text);
                writer.WriteString("signature"u8, thought.Signature ?? "");
                break;
        }
    }

    private static void Image(Utf8JsonWriter writer, ImagePart image)
    {
        writer.WriteString("type"u8, "image"u8);
        writer.WriteStartObject("source"u8);
        if (image.MediaType is null)
        {
            writer.WriteString("type"u8, "url"u8);
            writer.WriteString("url"u8, image.Source);
        }
        else
        {
            writer.WriteString("type"u8, "base64"u8);
            writer.WriteString("media_type"u8, image.MediaType);
            writer.WriteString("data"u8, image.Source);
        }
        writer.WriteEndObject();
    }

    private static void Result(Utf8JsonWriter writer, ToolResultPart result)
    {
        writer.WriteString("type"u8, "tool_result"u8);
        writer.WriteString("tool_use_id"u8, result.CallId);
        if (result.Content is [TextPart { Mark: CacheMark.None } only])
        {
            writer.WriteString("content"u8, only.Text);
        }
        else if (result.Content.Any(Says))
        {
            writer.WriteStartArray("content"u8);
            Blocks(writer, result.Content);
            writer.WriteEndArray();
        }
        if (result.IsError)
        {
            writer.WriteBoolean("is_error"u8, true);
        }
    }

    private static string Input(ToolCallPart call)
    {
        if (string.IsNullOrWhiteSpace(call.Arguments))
        {
            return "{}";
        }
        return JsonBody.IsObject(call.Arguments) ? call.Arguments : throw ProtocolErrors.Untranslatable(
            $"the arguments of the tool call {call.Name}", "they are no JSON object");
    }
}
