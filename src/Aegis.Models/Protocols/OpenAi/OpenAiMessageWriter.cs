using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Writes messages. The results in a user's message go before it, each as a tool message; an image
/// among them, which a tool message cannot hold, goes into a user's message behind them.</summary>
internal static class OpenAiMessageWriter
{
    private const string ErrorMark = "Error: ";

    public static void System(Utf8JsonWriter writer, ImmutableArray<TextPart> parts, bool marks)
    {
        if (parts.IsEmpty)
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("role"u8, "system"u8);
        Content(writer, parts, marks);
        writer.WriteEndObject();
    }

    public static void Message(Utf8JsonWriter writer, ChatMessage message, bool marks)
    {
        if (message.Role == ChatRole.Assistant)
        {
            Assistant(writer, message.Parts, marks);
            return;
        }
        var results = message.Parts.OfType<ToolResultPart>().ToList();
        foreach (var result in results)
        {
            Result(writer, result, marks);
        }
        var rest = results.Count == 0 ? message.Parts : (IReadOnlyList<ChatPart>)[
            .. results.SelectMany(result => result.Content.OfType<ImagePart>()),
            .. message.Parts.Where(part => part is TextPart or ImagePart)];
        if (rest.Count == 0)
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("role"u8, "user"u8);
        Content(writer, rest, marks);
        writer.WriteEndObject();
    }

    private static void Assistant(Utf8JsonWriter writer, ImmutableArray<ChatPart> parts, bool marks)
    {
        var texts = parts.Where(part => part is TextPart).ToList();
        var calls = parts.OfType<ToolCallPart>().ToList();
        if (texts.Count == 0 && calls.Count == 0)
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("role"u8, "assistant"u8);
        if (texts.Count == 0)
        {
            writer.WriteNull("content"u8);
        }
        else
        {
            Content(writer, texts, marks);
        }
        Calls(writer, calls);
        writer.WriteEndObject();
    }

    public static void Calls(Utf8JsonWriter writer, IReadOnlyList<ToolCallPart> calls)
    {
        if (calls.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, call.Id);
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            writer.WriteString("name"u8, call.Name);
            writer.WriteString("arguments"u8, call.Arguments);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Result(Utf8JsonWriter writer, ToolResultPart result, bool marks)
    {
        var texts = result.Content.OfType<TextPart>().ToList();
        writer.WriteStartObject();
        writer.WriteString("role"u8, "tool"u8);
        writer.WriteString("tool_call_id"u8, result.CallId);
        if (result.IsError)
        {
            writer.WriteString("content"u8, ErrorMark + string.Join('\n', texts.Select(text => text.Text)));
        }
        else if (texts.Count == 0)
        {
            writer.WriteString("content"u8, result.Content.IsEmpty ? ""u8 : "The image follows."u8);
        }
        else
        {
            texts[^1] = texts[^1] with { Mark = result.Mark };
            Content(writer, texts, marks);
        }
        writer.WriteEndObject();
    }

    // one plain text is written as such: some providers know nothing else
    private static void Content(Utf8JsonWriter writer, IReadOnlyList<ChatPart> parts, bool marks)
    {
        if (parts is [TextPart only] && !(marks && only.Mark != CacheMark.None))
        {
            writer.WriteString("content"u8, only.Text);
            return;
        }
        writer.WriteStartArray("content"u8);
        foreach (var part in parts)
        {
            Part(writer, part, marks);
        }
        writer.WriteEndArray();
    }

    private static void Part(Utf8JsonWriter writer, ChatPart part, bool marks)
    {
        writer.WriteStartObject();
        if (part is TextPart text)
        {
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("text"u8, text.Text);
        }
        else if (part is ImagePart image)
        {
            writer.WriteString("type"u8, "image_url"u8);
            writer.WriteStartObject("image_url"u8);
            writer.WriteString("url"u8, image.MediaType is null ? image.Source
                : $"data:{image.MediaType};base64,{image.Source}");
            if (image.Detail is not null)
            {
                writer.WriteString("detail"u8, image.Detail);
            }
            writer.WriteEndObject();
        }
        if (marks)
        {
            CallFields.WriteMark(writer, part.Mark);
        }
        writer.WriteEndObject();
    }
}
