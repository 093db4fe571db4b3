using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Reads one block: text, image, tool call, tool result or reasoning.</summary>
internal static class AnthropicBlockReader
{
    public static ChatPart Block(ref JsonCursor cursor)
    {
        var draft = Read(ref cursor);
        return Part(ref cursor, draft) with { Mark = draft.Mark };
    }

    /// <summary>A block of an answer; null for one of a kind that the neutral form does not know.</summary>
    public static ChatPart? Answered(ref JsonCursor cursor)
    {
        var draft = Read(ref cursor);
        return draft.Type is null or "text" or "tool_use" or "thinking" or "redacted_thinking"
            ? Part(ref cursor, draft) : null;
    }

    private static Draft Read(ref JsonCursor cursor)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        var draft = new Draft(cursor.Start);
        while (cursor.Member())
        {
            if (cursor.Is("content"u8))
            {
                Content(ref cursor, draft);
            }
            else if (cursor.Is("input"u8))
            {
                draft.Input = cursor.RawObject();
            }
            else if (cursor.Is("source"u8))
            {
                draft.Image = Source(ref cursor);
            }
            else if (cursor.Is("is_error"u8))
            {
                draft.IsError = cursor.Flag();
            }
            else if (cursor.Is("cache_control"u8))
            {
                draft.Mark = CallFields.Mark(ref cursor);
            }
            else
            {
                Texts(ref cursor, draft);
            }
        }
        return draft;
    }

    private static void Texts(ref JsonCursor cursor, Draft draft)
    {
        if (cursor.Is("type"u8))
        {
            draft.Type = cursor.Text();
        }
        else if (cursor.Is("text"u8) || cursor.Is("thinking"u8) || cursor.Is("data"u8))
        {
            draft.Text = cursor.Text();
        }
        else if (cursor.Is("signature"u8))
        {
            draft.Signature = cursor.TextOrNull();
        }
        else if (cursor.Is("id"u8) || cursor.Is("tool_use_id"u8))
        {
            draft.Id = cursor.Text();
        }
        else if (cursor.Is("name"u8))
        {
            draft.Name = CallFields.ToolName(ref cursor);
        }
        else
        {
            cursor.Skip();
        }
    }

    private static ChatPart Part(ref JsonCursor cursor, Draft draft) => draft.Type switch
    {
        "text" => new TextPart(CallFields.Needed(ref cursor, draft.Text, draft.At, "text")),
        "image" => CallFields.Needed(ref cursor, draft.Image, draft.At, "source"),
        "tool_use" => new ToolCallPart(CallFields.Needed(ref cursor, draft.Id, draft.At, "id"),
            CallFields.Needed(ref cursor, draft.Name, draft.At, "name"), draft.Input ?? "{}"),
        "tool_result" => new ToolResultPart(
            CallFields.Needed(ref cursor, draft.Id, draft.At, "tool_use_id"), [.. draft.Content],
            draft.IsError),
        "thinking" => new ReasoningPart(CallFields.Needed(ref cursor, draft.Text, draft.At, "thinking"),
            draft.Signature),
        "redacted_thinking" => new ReasoningPart(
            CallFields.Needed(ref cursor, draft.Text, draft.At, "data"), IsSealed: true),
        null => throw cursor.Malformed(draft.At, "a member type", "none"),
        _ => throw ProtocolErrors.Untranslatable(cursor.Place(draft.At),
            "a block that is no text, image, tool_use, tool_result or thinking"),
    };

    private static void Content(ref JsonCursor cursor, Draft draft)
    {
        var at = AnthropicMessageReader.Content(ref cursor, draft.Content);
        if (draft.Content.Exists(part => part is not (TextPart or ImagePart)))
        {
            throw ProtocolErrors.Untranslatable(cursor.Place(at),
                "a tool's result that is neither text nor image");
        }
    }

    private static ImagePart? Source(ref JsonCursor cursor)
    {
        cursor.Object();
        var at = cursor.Start;
        string? type = null, media = null, data = null, url = null;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                type = cursor.Text();
            }
            else if (cursor.Is("media_type"u8))
            {
                media = cursor.Text();
            }
            else if (cursor.Is("data"u8))
            {
                data = cursor.Text();
            }
            else if (cursor.Is("url"u8))
            {
                url = cursor.Text();
            }
            else
            {
                cursor.Skip();
            }
        }
        return type switch
        {
            "base64" => new(CallFields.Needed(ref cursor, data, at, "data"),
                CallFields.Needed(ref cursor, media, at, "media_type")),
            "url" => new ImagePart(CallFields.Needed(ref cursor, url, at, "url")),
            // a document's text, or a file that the provider holds: Part refuses what it belongs to
            _ => null,
        };
    }

    private sealed class Draft(int at)
    {
        public int At { get; } = at;

        public string? Type { get; set; }

        public string? Text { get; set; }

        public string? Signature { get; set; }

        public string? Id { get; set; }

        public string? Name { get; set; }

        public string? Input { get; set; }

        public bool IsError { get; set; }

        public ImagePart? Image { get; set; }

        public CacheMark Mark { get; set; }

        public List<ChatPart> Content { get; } = [];
    }
}
