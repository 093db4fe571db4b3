using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Reads tools, calls of them, and how the answer is to be formed.</summary>
internal static class OpenAiToolReader
{
    public static ImmutableArray<ChatTool> Tools(ref JsonCursor cursor)
    {
        if (!cursor.ArrayOrNull())
        {
            return [];
        }
        var tools = ImmutableArray.CreateBuilder<ChatTool>();
        while (cursor.Element())
        {
            tools.Add(Tool(ref cursor));
            CallFields.Bound(ref cursor, tools.Count, ProtocolLimits.ToolsMax, "tools");
        }
        return tools.ToImmutable();
    }

    public static void Calls(ref JsonCursor cursor, List<ChatPart> calls)
    {
        if (!cursor.ArrayOrNull())
        {
            return;
        }
        while (cursor.Element())
        {
            calls.Add(Call(ref cursor));
            CallFields.Bound(ref cursor, calls.Count, ProtocolLimits.ToolCallsMax, "tool calls");
        }
    }

    public static ToolChoice? Choice(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token == JsonTokenType.Null)
        {
            return null;
        }
        if (cursor.Token == JsonTokenType.String)
        {
            return cursor.Here() switch
            {
                "auto" => new(ToolChoiceKind.Auto),
                "none" => new(ToolChoiceKind.None),
                "required" => new(ToolChoiceKind.Any),
                _ => throw cursor.Wrong("auto, none, required or a function"),
            };
        }
        var at = cursor.Start;
        var function = Typed(ref cursor, "function", "a choice among tools that is not of one function");
        return new(ToolChoiceKind.Named, CallFields.Needed(ref cursor, function.Name, at, "function.name"));
    }

    public static AnswerFormat? Format(ref JsonCursor cursor)
    {
        if (!cursor.ObjectOrNull())
        {
            return null;
        }
        var at = cursor.Start;
        string? type = null;
        AnswerFormat? schema = null;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                type = cursor.Text();
            }
            else if (cursor.Is("json_schema"u8))
            {
                schema = Schema(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
        return type switch
        {
            "text" => null,
            "json_object" => new(null, null),
            "json_schema" => CallFields.Needed(ref cursor, schema, at, "json_schema"),
            _ => throw cursor.Malformed(at, "type: text, json_object or json_schema", "another or none"),
        };
    }

    /// <summary>Reads the members of a schema wish up to its end: <c>name, schema, strict,
    /// description</c>.</summary>
    public static AnswerFormat Schema(ref JsonCursor cursor)
    {
        cursor.Object();
        string? name = null, schema = null, description = null;
        bool? strict = null;
        while (cursor.Member())
        {
            if (cursor.Is("name"u8))
            {
                name = cursor.Text();
            }
            else if (cursor.Is("schema"u8))
            {
                schema = cursor.RawObject();
            }
            else if (cursor.Is("strict"u8))
            {
                strict = cursor.FlagOrNull();
            }
            else if (cursor.Is("description"u8))
            {
                description = cursor.TextOrNull();
            }
            else
            {
                cursor.Skip();
            }
        }
        return new(name, schema ?? "{}", strict, description);
    }

    private static ChatTool Tool(ref JsonCursor cursor)
    {
        var at = cursor.Start;
        var function = Typed(ref cursor, "function", "a tool that is not a function");
        return new(CallFields.Needed(ref cursor, function.Name, at, "function.name"), function.Description,
            function.Schema ?? """{"type":"object","properties":{}}""", function.Strict)
        {
            Mark = function.Mark,
        };
    }

    private static ToolCallPart Call(ref JsonCursor cursor)
    {
        var at = cursor.Start;
        var call = Typed(ref cursor, "function", "a call of a tool that is not a function");
        return new(CallFields.Needed(ref cursor, call.Id, at, "id"),
            CallFields.Needed(ref cursor, call.Name, at, "function.name"), call.Arguments ?? "");
    }

    private static Function Typed(ref JsonCursor cursor, string type, string refusal)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        var at = cursor.Start;
        var function = new Function();
        string? said = null;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                said = cursor.Text();
            }
            else if (cursor.Is("id"u8))
            {
                function.Id = cursor.Text();
            }
            else if (cursor.Is("function"u8))
            {
                cursor.Object();
                function.Read(ref cursor);
            }
            else if (cursor.Is("cache_control"u8))
            {
                function.Mark = CallFields.Mark(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
        return said == type || (said is null && function.Name is not null) ? function
            : throw ProtocolErrors.Untranslatable(cursor.Place(at), refusal);
    }

    private sealed class Function
    {
        public string? Id { get; set; }

        public string? Name { get; private set; }

        public string? Description { get; private set; }

        public string? Schema { get; private set; }

        public string? Arguments { get; private set; }

        public bool? Strict { get; private set; }

        public CacheMark Mark { get; set; }

        public void Read(ref JsonCursor cursor)
        {
            while (cursor.Member())
            {
                if (cursor.Is("name"u8))
                {
                    Name = CallFields.ToolName(ref cursor);
                }
                else if (cursor.Is("description"u8))
                {
                    Description = cursor.TextOrNull();
                }
                else if (cursor.Is("parameters"u8))
                {
                    Schema = cursor.RawObject();
                }
                else if (cursor.Is("arguments"u8))
                {
                    Arguments = cursor.Text("the arguments' JSON as a text");
                }
                else if (cursor.Is("strict"u8))
                {
                    Strict = cursor.FlagOrNull();
                }
                else
                {
                    cursor.Skip();
                }
            }
        }
    }
}
