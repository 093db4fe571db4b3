using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Reads tools, the choice among them, and how the answer is to be formed.</summary>
internal static class AnthropicToolReader
{
    /// <summary>Members of <c>output_config</c> that are not read go on under this prefix.</summary>
    public const string OutputPrefix = "output_config.";

    public static ImmutableArray<ChatTool> Tools(ref JsonCursor cursor)
    {
        cursor.Array();
        var tools = ImmutableArray.CreateBuilder<ChatTool>();
        while (cursor.Element())
        {
            tools.Add(Tool(ref cursor));
            CallFields.Bound(ref cursor, tools.Count, ProtocolLimits.ToolsMax, "tools");
        }
        return tools.ToImmutable();
    }

    public static ToolChoice Choice(ref JsonCursor cursor)
    {
        cursor.Object();
        var at = cursor.Start;
        string? type = null, name = null;
        bool? single = null;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                type = cursor.Text();
            }
            else if (cursor.Is("name"u8))
            {
                name = cursor.Text();
            }
            else if (cursor.Is("disable_parallel_tool_use"u8))
            {
                single = cursor.FlagOrNull();
            }
            else
            {
                cursor.Skip();
            }
        }
        var kind = type switch
        {
            "auto" => ToolChoiceKind.Auto,
            "any" => ToolChoiceKind.Any,
            "none" => ToolChoiceKind.None,
            "tool" => ToolChoiceKind.Named,
            _ => throw cursor.Malformed(at, "type: auto, any, tool or none", "another or none"),
        };
        return new(kind,
            kind == ToolChoiceKind.Named ? CallFields.Needed(ref cursor, name, at, "name") : null, !single);
    }

    public static AnswerFormat? OutputConfig(ref JsonCursor cursor, List<RestMember> rest)
    {
        cursor.Object();
        AnswerFormat? format = null;
        while (cursor.Member())
        {
            if (cursor.Is("format"u8))
            {
                format = Format(ref cursor);
            }
            else
            {
                var member = CallFields.Rest(ref cursor, rest);
                rest.Add(member with { Name = OutputPrefix + member.Name });
            }
        }
        return format;
    }

    private static AnswerFormat? Format(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token == JsonTokenType.Null)
        {
            return null;
        }
        var at = cursor.Start;
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object or null");
        }
        string? type = null, schema = null;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                type = cursor.Text();
            }
            else if (cursor.Is("schema"u8))
            {
                schema = cursor.RawObject();
            }
            else
            {
                cursor.Skip();
            }
        }
        return type == "json_schema"
            ? new(null, CallFields.Needed(ref cursor, schema, at, "schema"))
            : throw cursor.Malformed(at, "type: json_schema", "another or none");
    }

    private static ChatTool Tool(ref JsonCursor cursor)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        var at = cursor.Start;
        string? type = null, name = null, description = null, schema = null;
        bool? strict = null;
        var mark = CacheMark.None;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                type = cursor.TextOrNull();
            }
            else if (cursor.Is("name"u8))
            {
                name = CallFields.ToolName(ref cursor);
            }
            else if (cursor.Is("description"u8))
            {
                description = cursor.TextOrNull();
            }
            else if (cursor.Is("input_schema"u8))
            {
                schema = cursor.RawObject();
            }
            else if (cursor.Is("strict"u8))
            {
                strict = cursor.FlagOrNull();
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
        if (type is not (null or "custom"))
        {
            throw ProtocolErrors.Untranslatable(cursor.Place(at), "a tool that the provider runs itself");
        }
        return new(CallFields.Needed(ref cursor, name, at, "name"), description,
            CallFields.Needed(ref cursor, schema, at, "input_schema"), strict)
        {
            Mark = mark,
        };
    }
}
