using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Reads messages and the blocks of which they are made.</summary>
internal static class AnthropicMessageReader
{
    public static List<ChatMessage> Messages(ref JsonCursor cursor)
    {
        cursor.Array();
        var messages = new List<ChatMessage>();
        while (cursor.Element())
        {
            messages.Add(Message(ref cursor));
            CallFields.Bound(ref cursor, messages.Count, ProtocolLimits.MessagesMax, "messages");
        }
        return messages;
    }

    public static void System(ref JsonCursor cursor, List<TextPart> system)
    {
        var parts = new List<ChatPart>();
        var at = Content(ref cursor, parts);
        system.AddRange(parts.OfType<TextPart>());
        if (parts.Exists(part => part is not TextPart))
        {
            throw ProtocolErrors.Untranslatable(cursor.Place(at), "a system prompt that is not text");
        }
    }

    /// <summary>Reads a text or blocks.</summary>
    /// <returns>Where they begin.</returns>
    public static int Content(ref JsonCursor cursor, List<ChatPart> parts)
    {
        cursor.Read();
        var at = cursor.Start;
        if (cursor.Token == JsonTokenType.String)
        {
            parts.Add(new TextPart(cursor.Here()));
            return at;
        }
        if (cursor.Token != JsonTokenType.StartArray)
        {
            throw cursor.Wrong("a text or an array of blocks");
        }
        while (cursor.Element())
        {
            parts.Add(AnthropicBlockReader.Block(ref cursor));
            CallFields.Bound(ref cursor, parts.Count, ProtocolLimits.PartsMax, "blocks");
        }
        return at;
    }

    private static ChatMessage Message(ref JsonCursor cursor)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        var at = cursor.Start;
        ChatRole? role = null;
        List<ChatPart>? parts = null;
        while (cursor.Member())
        {
            if (cursor.Is("role"u8))
            {
                role = cursor.Text("user or assistant") switch
                {
                    "user" => ChatRole.User,
                    "assistant" => ChatRole.Assistant,
                    _ => throw cursor.Wrong("user or assistant"),
                };
            }
            else if (cursor.Is("content"u8))
            {
                _ = Content(ref cursor, parts = []);
            }
            else
            {
                cursor.Skip();
            }
        }
        return new(role ?? throw cursor.Malformed(at, "a member role", "none"),
            [.. CallFields.Needed(ref cursor, parts, at, "content")]);
    }
}
