using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Writes a whole answer of <c>/messages</c>.</summary>
public static class AnthropicAnswerWriter
{
    public static byte[] Write(ChatAnswer answer) =>
        JsonBody.Of(answer, static (writer, it) => Write(writer, it));

    private static void Write(Utf8JsonWriter writer, ChatAnswer answer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, answer.Id);
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("model"u8, answer.Model);
        writer.WriteStartArray("content"u8);
        AnthropicBlockWriter.Blocks(writer, answer.Parts);
        writer.WriteEndArray();
        writer.WriteString("stop_reason"u8, AnthropicFinish.Name(answer.Finish, answer.StoppedAt));
        writer.WriteString("stop_sequence"u8, answer.StoppedAt);
        writer.WritePropertyName("usage"u8);
        AnthropicUsage.Write(writer, answer.Usage ?? new(0, 0));
        writer.WriteEndObject();
    }
}
