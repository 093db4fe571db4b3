using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Reads <c>messages</c>. Tool messages that follow each other become one user's message.</summary>
internal static class OpenAiMessageReader
{
    private const string Roles = "system, developer, user, assistant or tool";

    /// <param name="system">Takes the system messages.</param>
    public static List<ChatMessage> Read(ref JsonCursor cursor, List<TextPart> system)
    {
        cursor.Array();
        var read = new List<ChatMessage>();
        var results = new List<ChatPart>();
        for (var count = 1; cursor.Element(); count++)
        {
            CallFields.Bound(ref cursor, count, ProtocolLimits.MessagesMax, "messages");
            var at = cursor.Start;
            var message = Message(ref cursor);
            if (message.Role != "tool")
            {
                Flush(read, results);
            }
            Take(ref cursor, at, message, system, read, results);
        }
        Flush(read, results);
        return read;
    }

    /// <summary>Reads an answer's message, on whose beginning the cursor stands.</summary>
    public static void Answer(ref JsonCursor cursor, List<ChatPart> parts) =>
        parts.AddRange(Message(ref cursor).Spoken());

    private static void Take(ref JsonCursor cursor, int at, Draft message, List<TextPart> system,
        List<ChatMessage> read, List<ChatPart> results)
    {
        switch (message.Role)
        {
            case "system" or "developer":
                system.AddRange(message.Content.OfType<TextPart>());
                break;
            case "user":
                read.Add(new(ChatRole.User, [.. message.Content]));
                break;
            case "assistant":
                read.Add(new(ChatRole.Assistant, [.. message.Spoken()]));
                break;
            case "tool":
                results.Add(new ToolResultPart(
                    CallFields.Needed(ref cursor, message.CallId, at, "tool_call_id"),
                    [.. message.Content.Select(part => part with { Mark = CacheMark.None })])
                {
                    Mark = message.Content.Select(part => part.Mark).DefaultIfEmpty().Max(),
                });
                break;
            case null:
                throw cursor.Malformed(at, "a member role", "none");
            default:
                throw cursor.Malformed(at, $"a message with the role {Roles}", "another role");
        }
    }

    private static void Flush(List<ChatMessage> read, List<ChatPart> results)
    {
        if (results.Count > 0)
        {
            read.Add(new(ChatRole.User, [.. results]));
            results.Clear();
        }
    }

    private static Draft Message(ref JsonCursor cursor)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        var draft = new Draft();
        while (cursor.Member())
        {
            if (cursor.Is("role"u8))
            {
                draft.Role = cursor.Text(Roles);
            }
            else if (cursor.Is("content"u8))
            {
                Content(ref cursor, draft.Content);
            }
            else if (cursor.Is("tool_calls"u8))
            {
                OpenAiToolReader.Calls(ref cursor, draft.Calls);
            }
            else if (cursor.Is("tool_call_id"u8))
            {
                draft.CallId = cursor.Text();
            }
            else if (cursor.Is("refusal"u8))
            {
                draft.Refusal = cursor.TextOrNull();
            }
            else if (cursor.Is("reasoning_content"u8))
            {
                draft.Reasoning = cursor.TextOrNull();
            }
            else if (cursor.Is("function_call"u8) || cursor.Is("audio"u8))
            {
                Refuse(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
        return draft;
    }

    // an assistant's message that names them as null says nothing by it
    private static void Refuse(ref JsonCursor cursor)
    {
        var name = cursor.Name();
        cursor.Read();
        if (cursor.Token != JsonTokenType.Null)
        {
            throw ProtocolErrors.Untranslatable(cursor.Place(cursor.Start), $"a message's {name}");
        }
    }

    private static void Content(ref JsonCursor cursor, List<ChatPart> parts)
    {
        cursor.Read();
        if (cursor.Token == JsonTokenType.Null)
        {
            return;
        }
        if (cursor.Token == JsonTokenType.String)
        {
            parts.Add(new TextPart(cursor.Here()));
            return;
        }
        if (cursor.Token != JsonTokenType.StartArray)
        {
            throw cursor.Wrong("a text or an array of parts");
        }
        while (cursor.Element())
        {
            parts.Add(Part(ref cursor));
            CallFields.Bound(ref cursor, parts.Count, ProtocolLimits.PartsMax, "parts");
        }
    }

    private static ChatPart Part(ref JsonCursor cursor)
    {
        var at = cursor.Start;
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        string? type = null, text = null;
        ImagePart? image = null;
        var mark = CacheMark.None;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                type = cursor.Text();
            }
            else if (cursor.Is("text"u8) || cursor.Is("refusal"u8))
            {
                text = cursor.Text();
            }
            else if (cursor.Is("image_url"u8))
            {
                image = Image(ref cursor);
            }
            else if (cursor.Is("cache_control"u8))
            {
                mark = CallFields.Mark(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
        return type switch
        {
            "text" or "refusal" => new TextPart(CallFields.Needed(ref cursor, text, at, "text"))
            {
                Mark = mark,
            },
            "image_url" => CallFields.Needed(ref cursor, image, at, "image_url") with { Mark = mark },
            null => throw cursor.Malformed(at, "a member type", "none"),
            _ => throw ProtocolErrors.Untranslatable(cursor.Place(at), "a part that is no text and no image"),
        };
    }

    private static ImagePart Image(ref JsonCursor cursor)
    {
        cursor.Object();
        var at = cursor.Start;
        string? detail = null;
        ImagePart? image = null;
        while (cursor.Member())
        {
            if (cursor.Is("url"u8))
            {
                image = CallFields.Image(ref cursor, cursor.Text("an address"), null);
            }
            else if (cursor.Is("detail"u8))
            {
                detail = cursor.TextOrNull();
            }
            else
            {
                cursor.Skip();
            }
        }
        return CallFields.Needed(ref cursor, image, at, "url") with { Detail = detail };
    }

    private sealed class Draft
    {
        public string? Role { get; set; }

        public List<ChatPart> Content { get; } = [];

        public List<ChatPart> Calls { get; } = [];

        public string? CallId { get; set; }

        public string? Refusal { get; set; }

        public string? Reasoning { get; set; }

        public IEnumerable<ChatPart> Spoken()
        {
            var thought = string.IsNullOrEmpty(Reasoning) ? Enumerable.Empty<ChatPart>()
                : [new ReasoningPart(Reasoning)];
            var refused = string.IsNullOrEmpty(Refusal) ? Enumerable.Empty<ChatPart>()
                : [new TextPart(Refusal)];
            var said = Content.Where(part => part is not TextPart { Text.Length: 0 });
            return thought.Concat(said).Concat(refused).Concat(Calls);
        }
    }
}
