using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Responses;

/// <summary>Reads input items, tools and the answer's form.</summary>
internal static class ResponsesItemReader
{
    /// <param name="system">Takes what is said to the system.</param>
    public static List<ChatMessage> Input(ref JsonCursor cursor, List<TextPart> system)
    {
        var read = new List<ChatMessage>();
        cursor.Read();
        if (cursor.Token == JsonTokenType.String)
        {
            read.Add(new(ChatRole.User, [new TextPart(cursor.Here())]));
            return read;
        }
        if (cursor.Token != JsonTokenType.StartArray)
        {
            throw cursor.Wrong("a text or an array of items");
        }
        for (var count = 1; cursor.Element(); count++)
        {
            CallFields.Bound(ref cursor, count, ProtocolLimits.MessagesMax, "items");
            var at = cursor.Start;
            Take(ref cursor, at, ResponsesItem.Read(ref cursor), system, read);
        }
        return read;
    }

    public static ImmutableArray<ChatTool> Tools(ref JsonCursor cursor)
    {
        if (!cursor.ArrayOrNull())
        {
            return [];
        }
        var tools = ImmutableArray.CreateBuilder<ChatTool>();
        while (cursor.Element())
        {
            var at = cursor.Start;
            var tool = ResponsesItem.Read(ref cursor);
            if (tool.Type != "function")
            {
                throw ProtocolErrors.Untranslatable(cursor.Place(at), "a tool that is not a function");
            }
            tools.Add(new(CallFields.Needed(ref cursor, tool.Name, at, "name"), tool.Description,
                tool.Parameters ?? """{"type":"object","properties":{}}""", tool.Strict));
            CallFields.Bound(ref cursor, tools.Count, ProtocolLimits.ToolsMax, "tools");
        }
        return tools.ToImmutable();
    }

    public static ToolChoice? Choice(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token == JsonTokenType.StartObject)
        {
            var at = cursor.Start;
            var named = ResponsesItem.Read(ref cursor);
            return named.Type == "function"
                ? new(ToolChoiceKind.Named, CallFields.Needed(ref cursor, named.Name, at, "name"))
                : throw ProtocolErrors.Untranslatable(cursor.Place(at),
                    "a choice that is not of one function");
        }
        if (cursor.Token == JsonTokenType.Null)
        {
            return null;
        }
        return cursor.Here() switch
        {
            "auto" => new(ToolChoiceKind.Auto),
            "none" => new(ToolChoiceKind.None),
            "required" => new(ToolChoiceKind.Any),
            _ => throw cursor.Wrong("auto, none, required or a function"),
        };
    }

    public static AnswerFormat? Format(ref JsonCursor cursor)
    {
        cursor.Object();
        AnswerFormat? format = null;
        while (cursor.Member())
        {
            if (!cursor.Is("format"u8))
            {
                cursor.Skip();
                continue;
            }
            cursor.Object();
            var at = cursor.Start;
            var said = ResponsesItem.Read(ref cursor);
            format = said.Type switch
            {
                "text" => null,
                "json_object" => new(null, null),
                "json_schema" => new(said.Name, CallFields.Needed(ref cursor, said.Schema, at, "schema"),
                    said.Strict, said.Description),
                _ => throw cursor.Malformed(at, "type: text, json_object or json_schema", "another or none"),
            };
        }
        return format;
    }

    private static void Take(ref JsonCursor cursor, int at, ResponsesItem item, List<TextPart> system,
        List<ChatMessage> read)
    {
        switch (item.Type)
        {
            case null or "message":
                Message(ref cursor, at, item, system, read);
                break;
            case "function_call":
                Add(read, ChatRole.Assistant, new ToolCallPart(
                    CallFields.Needed(ref cursor, item.CallId, at, "call_id"),
                    CallFields.Needed(ref cursor, item.Name, at, "name"), item.Arguments ?? ""));
                break;
            case "function_call_output":
                Add(read, ChatRole.User, new ToolResultPart(
                    CallFields.Needed(ref cursor, item.CallId, at, "call_id"), [.. item.Content]));
                break;
            case "reasoning":
                break;
            default:
                throw ProtocolErrors.Untranslatable(cursor.Place(at),
                    "an item that is no message, function_call or function_call_output");
        }
    }

    private static void Message(ref JsonCursor cursor, int at, ResponsesItem item, List<TextPart> system,
        List<ChatMessage> read)
    {
        switch (item.Role)
        {
            case "user":
                read.Add(new(ChatRole.User, [.. item.Content]));
                break;
            case "assistant":
                read.Add(new(ChatRole.Assistant, [.. item.Content]));
                break;
            case "system" or "developer":
                system.AddRange(item.Content.OfType<TextPart>());
                break;
            default:
                throw cursor.Malformed(at, "role: user, assistant, system or developer", "another or none");
        }
    }

    // calls that follow each other are one turn of the model, and so are their results
    private static void Add(List<ChatMessage> read, ChatRole role, ChatPart part)
    {
        var last = read.Count - 1;
        if (last >= 0 && read[last].Role == role
            && (part is ToolCallPart || read[last].Parts.All(p => p is ToolResultPart)))
        {
            read[last] = new(role, read[last].Parts.Add(part));
        }
        else
        {
            read.Add(new(role, [part]));
        }
    }
}
