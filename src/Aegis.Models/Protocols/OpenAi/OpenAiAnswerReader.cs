using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Reads a whole answer of <c>/chat/completions</c>: its first choice.</summary>
public static class OpenAiAnswerReader
{
    /// <returns>False with what is wrong with it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ChatAnswer? answer,
        [NotNullWhen(false)] out string? wrong) => Reading.Answer(body, Answer, out answer, out wrong);

    private static ChatAnswer Answer(ref JsonCursor cursor)
    {
        cursor.Object();
        string? id = null, model = null;
        TokenUsage? usage = null;
        var choice = new Choice();
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
            else if (cursor.Is("usage"u8))
            {
                usage = OpenAiUsage.Read(ref cursor);
            }
            else if (cursor.Is("choices"u8))
            {
                Choices(ref cursor, choice);
            }
            else
            {
                cursor.Skip();
            }
        }
        if (!choice.IsThere)
        {
            throw cursor.Malformed(0, "choices with one at least", "none");
        }
        return new(id ?? "", model ?? "", [.. choice.Parts], choice.Finish, usage);
    }

    private static void Choices(ref JsonCursor cursor, Choice choice)
    {
        cursor.Array();
        while (cursor.Element())
        {
            if (cursor.Token != JsonTokenType.StartObject)
            {
                throw cursor.Wrong("an object");
            }
            if (choice.IsThere)
            {
                cursor.Leave();
                continue;
            }
            choice.IsThere = true;
            One(ref cursor, choice);
        }
    }

    private static void One(ref JsonCursor cursor, Choice choice)
    {
        var at = cursor.Start;
        while (cursor.Member())
        {
            if (cursor.Is("message"u8))
            {
                cursor.Object();
                OpenAiMessageReader.Answer(ref cursor, choice.Parts);
                choice.HasMessage = true;
            }
            else if (cursor.Is("finish_reason"u8))
            {
                choice.Finish = OpenAiFinish.Read(cursor.TextOrNull() ?? "stop");
            }
            else
            {
                cursor.Skip();
            }
        }
        if (!choice.HasMessage)
        {
            throw cursor.Malformed(at, "a member message", "none");
        }
    }

    private sealed class Choice
    {
        public bool IsThere { get; set; }

        public bool HasMessage { get; set; }

        public List<ChatPart> Parts { get; } = [];

        public FinishReason Finish { get; set; }
    }
}
