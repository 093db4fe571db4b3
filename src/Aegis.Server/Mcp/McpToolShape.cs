using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Server.Tools;
using ModelContextProtocol.Protocol;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace Aegis.Server.Mcp;

/// <summary>Our tools and answers in the protocol's shapes.</summary>
internal static class McpToolShape
{
    /// <summary>The hints follow from the effect alone, so that they cannot say less than recovery
    /// believes.</summary>
    public static Tool Of(Gate.Tool tool)
    {
        var descriptor = tool.Descriptor;
        return new Tool
        {
            Name = descriptor.Name,
            Description = descriptor.Description,
            InputSchema = ObjectSchema(tool.Schema),
            OutputSchema = tool.OutputSchema,
            Annotations = new ToolAnnotations
            {
                ReadOnlyHint = descriptor.Effect == ToolEffect.Pure,
                DestructiveHint = descriptor.Effect == ToolEffect.Once,
                IdempotentHint = descriptor.Effect is ToolEffect.Pure or ToolEffect.Idempotent,
                OpenWorldHint = descriptor.Effect is ToolEffect.Once or ToolEffect.Reconcilable,
            },
            Meta = new JsonObject
            {
                ["aegis/scope"] = descriptor.Scope,
                ["aegis/effect"] = JsonNamingPolicy.SnakeCaseLower.ConvertName($"{descriptor.Effect}"),
            },
        };
    }

    public static CallToolResult Answer(ToolResult result) => result.Error is { } error
        ? McpErrors.Answer(error)
        : new CallToolResult
        {
            Content = Content(result.Text, result.Content, result.Outputs),
            StructuredContent = result.Outputs,
            IsError = false,
        };

    public static CallToolResult Answer(ToolCallAnswer call)
    {
        var meta = new JsonObject { ["run_id"] = call.RunId, ["call_id"] = call.CallId };
        if (call.Error is { } e)
        {
            return McpErrors.Answer(new AegisError(e.Code, e.Message, e.Expected, e.Got, e.Mend), meta);
        }
        if (call.Ok is not true)
        {
            meta["approval_id"] = call.ApprovalId;
            return McpErrors.Answer(McpErrors.GoesOn(call.RunId), meta);
        }
        return new CallToolResult
        {
            Content = Content(call.Output, null, call.Outputs),
            StructuredContent = call.Outputs,
            IsError = false,
            Meta = new JsonObject { ["aegis/call"] = meta },
        };
    }

    private static List<ContentBlock> Content(
        string? text, ImmutableArray<ToolContent>? parts, JsonElement? outputs)
    {
        var blocks = new List<ContentBlock>();
        foreach (var part in parts ?? [])
        {
            blocks.Add(Block(part));
        }
        if (blocks.Count == 0)
        {
            blocks.Add(new TextContentBlock { Text = text ?? outputs?.GetRawText() ?? "" });
        }
        return blocks;
    }

    private static ContentBlock Block(ToolContent part) => part switch
    {
        ToolContent.Image e => ImageContentBlock.FromBytes(e.Bytes, e.MimeType),
        ToolContent.Audio e => AudioContentBlock.FromBytes(e.Bytes, e.MimeType),
        ToolContent.Document e => new EmbeddedResourceBlock
        {
            Resource = new TextResourceContents { Uri = e.Uri, MimeType = e.MimeType, Text = e.Text },
        },
        ToolContent.Link e => new ResourceLinkBlock { Uri = e.Uri, Name = e.Name, MimeType = e.MimeType },
        ToolContent.Words e => new TextContentBlock { Text = e.Text },
        _ => throw new InvariantViolationException($"content {part.GetType().Name} has no form in MCP"),
    };

    // the protocol wants an object; a generated schema of a record may also allow null
    private static JsonElement ObjectSchema(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String)
        {
            return schema;
        }
        var node = schema.ValueKind == JsonValueKind.Object ? JsonObject.Create(schema)! : [];
        node["type"] = "object";
        return JsonSerializer.SerializeToElement(node);
    }
}
