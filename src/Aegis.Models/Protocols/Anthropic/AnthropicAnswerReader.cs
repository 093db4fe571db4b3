using System.Diagnostics.CodeAnalysis;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Reads a whole answer of <c>/messages</c>.</summary>
public static class AnthropicAnswerReader
{
    /// <returns>False with what is wrong with it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ChatAnswer? answer,
        [NotNullWhen(false)] out string? wrong) => Reading.Answer(body, Answer, out answer, out wrong);

    private static ChatAnswer Answer(ref JsonCursor cursor)
    {
        cursor.Object();
        string? id = null, model = null, stoppedAt = null;
        var finish = FinishReason.Stop;
        var usage = new AnthropicUsage();
        List<ChatPart>? parts = null;
        while (cursor.Member())
        {
            if (cursor.Is("id"u8))
            {
                id = cursor.TextOrNull();
            }
            else if (cursor.Is("model"u8))
            {
                model = cursor.TextOrNull();
            }
            else if (cursor.Is("content"u8))
            {
                parts = Blocks(ref cursor);
            }
            else if (cursor.Is("stop_reason"u8))
            {
                finish = AnthropicFinish.Read(cursor.TextOrNull() ?? "end_turn");
            }
            else if (cursor.Is("stop_sequence"u8))
            {
                stoppedAt = cursor.TextOrNull();
            }
            else if (cursor.Is("usage"u8))
            {
                usage.Read(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
        return new(id ?? "", model ?? "", [.. CallFields.Needed(ref cursor, parts, 0, "content")], finish,
            usage.IsThere ? usage.Total : null)
        {
            StoppedAt = stoppedAt,
        };
    }

    // what a provider's own tools said cannot be told to a client of the other protocol
    private static List<ChatPart> Blocks(ref JsonCursor cursor)
    {
        cursor.Array();
        var parts = new List<ChatPart>();
        while (cursor.Element())
        {
            if (AnthropicBlockReader.Answered(ref cursor) is { } part)
            {
                parts.Add(part);
            }
        }
        return parts;
    }
}
