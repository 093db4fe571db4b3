using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Aegis.Models.Protocols.Anthropic;
using Aegis.Models.Protocols.Json;
using Aegis.Models.Protocols.OpenAi;

namespace Aegis.Models.Protocols.Bodies;

public enum AnswerKind
{
    Chat,
    Embeddings,
    Transcription,
}

/// <summary>What a router has to know of an answer that is passed on as it came.</summary>
/// <param name="Usage">Null where the provider tells none.</param>
public sealed record AnswerOutline(string? Model, FinishReason Finish, TokenUsage? Usage)
{
    /// <summary>Reads it, and holds it to be an answer at all.</summary>
    /// <returns>False with what is wrong with it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, WireProtocol protocol, AnswerKind kind,
        [NotNullWhen(true)] out AnswerOutline? outline, [NotNullWhen(false)] out string? wrong) =>
        (protocol, kind) switch
        {
            (WireProtocol.Anthropic, _) => Reading.Answer(body, Anthropic, out outline, out wrong),
            (_, AnswerKind.Embeddings) => Reading.Answer(body, Embeddings, out outline, out wrong),
            (_, AnswerKind.Transcription) => Reading.Answer(body, Transcription, out outline, out wrong),
            _ => Reading.Answer(body, Chat, out outline, out wrong),
        };

    private static AnswerOutline Chat(ref JsonCursor cursor) => OpenAi(ref cursor, "choices"u8);

    private static AnswerOutline Embeddings(ref JsonCursor cursor) => OpenAi(ref cursor, "data"u8);

    private static AnswerOutline Transcription(ref JsonCursor cursor) => OpenAi(ref cursor, "text"u8);

    private static AnswerOutline OpenAi(ref JsonCursor cursor, ReadOnlySpan<byte> content)
    {
        cursor.Object();
        var read = new AnswerOutline(null, FinishReason.Stop, null);
        var isThere = false;
        while (cursor.Member())
        {
            if (cursor.Is("model"u8))
            {
                read = read with { Model = cursor.TextOrNull() };
            }
            else if (cursor.Is("usage"u8))
            {
                read = read with { Usage = OpenAiUsage.Read(ref cursor) };
            }
            else if (cursor.Is(content))
            {
                cursor.Read();
                isThere = cursor.Token is JsonTokenType.StartArray or JsonTokenType.String;
                read = read with { Finish = FirstFinish(ref cursor) };
            }
            else
            {
                cursor.Skip();
            }
        }
        return isThere ? read
            : throw cursor.Malformed(0, "a member " + Encoding.UTF8.GetString(content), "none");
    }

    private static FinishReason FirstFinish(ref JsonCursor cursor)
    {
        var finish = FinishReason.Stop;
        if (cursor.Token != JsonTokenType.StartArray)
        {
            cursor.Leave();
            return finish;
        }
        for (var first = true; cursor.Element(); first = false)
        {
            if (!first || cursor.Token != JsonTokenType.StartObject)
            {
                cursor.Leave();
                continue;
            }
            while (cursor.Member())
            {
                if (cursor.Is("finish_reason"u8))
                {
                    finish = OpenAiFinish.Read(cursor.TextOrNull() ?? "stop");
                }
                else
                {
                    cursor.Skip();
                }
            }
        }
        return finish;
    }

    private static AnswerOutline Anthropic(ref JsonCursor cursor)
    {
        cursor.Object();
        string? model = null;
        var finish = FinishReason.Stop;
        var usage = new AnthropicUsage();
        var isThere = false;
        while (cursor.Member())
        {
            if (cursor.Is("model"u8))
            {
                model = cursor.TextOrNull();
            }
            else if (cursor.Is("stop_reason"u8))
            {
                finish = AnthropicFinish.Read(cursor.TextOrNull() ?? "end_turn");
            }
            else if (cursor.Is("usage"u8))
            {
                usage.Read(ref cursor);
            }
            else if (cursor.Is("content"u8))
            {
                cursor.Read();
                isThere = cursor.Token == JsonTokenType.StartArray;
                cursor.Leave();
            }
            else
            {
                cursor.Skip();
            }
        }
        return isThere ? new(model, finish, usage.IsThere ? usage.Total : null)
            : throw cursor.Malformed(0, "a member content", "none");
    }
}
