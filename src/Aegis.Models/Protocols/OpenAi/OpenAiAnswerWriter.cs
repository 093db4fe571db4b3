using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Writes a whole answer of <c>/chat/completions</c>.</summary>
public static class OpenAiAnswerWriter
{
    /// <param name="created">Seconds since 1970.</param>
    public static byte[] Write(ChatAnswer answer, long created) =>
        JsonBody.Of((answer, created), static (writer, it) => Write(writer, it.answer, it.created));

    private static void Write(Utf8JsonWriter writer, ChatAnswer answer, long created)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, answer.Id);
        writer.WriteString("object"u8, "chat.completion"u8);
        writer.WriteNumber("created"u8, created);
        writer.WriteString("model"u8, answer.Model);
        writer.WriteStartArray("choices"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, 0);
        Message(writer, answer);
        writer.WriteNull("logprobs"u8);
        writer.WriteString("finish_reason"u8, OpenAiFinish.Name(answer.Finish));
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (answer.Usage is { } usage)
        {
            writer.WritePropertyName("usage"u8);
            OpenAiUsage.Write(writer, usage);
        }
        writer.WriteEndObject();
    }

    private static void Message(Utf8JsonWriter writer, ChatAnswer answer)
    {
        var calls = answer.Parts.OfType<ToolCallPart>().ToList();
        var text = answer.Text;
        writer.WriteStartObject("message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        if (text.Length == 0 && calls.Count > 0)
        {
            writer.WriteNull("content"u8);
        }
        else
        {
            writer.WriteString("content"u8, text);
        }
        writer.WriteNull("refusal"u8);
        var thought = string.Concat(answer.Parts.OfType<ReasoningPart>().Where(part => !part.IsSealed)
            .Select(part => part.Text));
        if (thought.Length > 0)
        {
            writer.WriteString("reasoning_content"u8, thought);
        }
        OpenAiMessageWriter.Calls(writer, calls);
        writer.WriteEndObject();
    }
}
