using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Rpc;

/// <summary>In which of the three ways of speaking a message is worded, and so its answer.</summary>
internal enum RpcForm
{
    /// <summary><c>{op, id?, …}</c>.</summary>
    Op,

    /// <summary><c>{id, tool, input}</c>.</summary>
    Tool,

    /// <summary>JSON-RPC 2.0: <c>{jsonrpc, id?, method, params?}</c>.</summary>
    JsonRpc,
}

/// <summary>A message as far as it can be understood without knowing its op.</summary>
internal sealed record RpcMessage(RpcForm Form, string Op, JsonElement? Id, JsonElement Params)
{
    public const string ToolOp = "tool.call";

    /// <exception cref="AegisException">AEGIS6320.</exception>
    public static RpcMessage Read(ReadOnlySpan<byte> text)
    {
        JsonElement root;
        try
        {
            root = JsonElement.Parse(text, new JsonDocumentOptions
            {
                MaxDepth = 32, AllowDuplicateProperties = false,
            });
        }
        catch (JsonException)
        {
            throw new AegisException(RpcErrors.Malformed("the message is no JSON", """{"op": …}"""));
        }
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new AegisException(
                RpcErrors.Malformed("the message is no object", """{"op": …}""", $"{root.ValueKind}"));
        }
        var id = root.TryGetProperty("id", out var given) ? given : (JsonElement?)null;
        if (id is { ValueKind: not (JsonValueKind.String or JsonValueKind.Number) })
        {
            throw new AegisException(RpcErrors.Malformed("id is neither text nor number"));
        }
        return root.TryGetProperty("jsonrpc", out _) ? JsonRpc(root, id)
            : root.TryGetProperty("op", out var op) ? new RpcMessage(RpcForm.Op, Text(op, "op"), id, root)
            : root.TryGetProperty("tool", out _) ? new RpcMessage(RpcForm.Tool, ToolOp, id, root)
            : throw new AegisException(
                RpcErrors.Malformed("the message names nothing to do", "op, tool, or method of JSON-RPC"));
    }

    /// <summary>The op's own members, held to their bounds.</summary>
    /// <exception cref="AegisException">AEGIS6320.</exception>
    public T Bind<T>(JsonTypeInfo<T> type)
        where T : RpcParams
    {
        try
        {
            var bound = Params.Deserialize(type)
                ?? throw new AegisException(RpcErrors.Malformed("the message is null", "an object"));
            Bounds.Check(bound, type);
            return bound;
        }
        catch (JsonException e)
        {
            throw new AegisException(RpcErrors.Malformed(
                $"{Op} cannot be read{(e.Path is null or "$" ? "" : $": see {e.Path}")}",
                string.Join(", ", type.Properties.Select(p => p.Name))));
        }
        catch (AegisException e) when (e.Error.Code == "AEGIS6030")
        {
            throw new AegisException(e.Error with { Code = "AEGIS6320", Mend = "see docs/API-RPC.md" });
        }
    }

    private static RpcMessage JsonRpc(JsonElement root, JsonElement? id)
    {
        if (!root.TryGetProperty("method", out var method))
        {
            throw new AegisException(RpcErrors.Malformed("JSON-RPC without method", "method"));
        }
        var given = root.TryGetProperty("params", out var some) ? some : JsonElement.Parse("{}");
        return given.ValueKind == JsonValueKind.Object
            ? new RpcMessage(RpcForm.JsonRpc, Text(method, "method"), id, given)
            : throw new AegisException(RpcErrors.Malformed("params is no object", "an object"));
    }

    private static string Text(JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 64 } text ? text
            : throw new AegisException(RpcErrors.Malformed($"{member} is malformed", "1 to 64 characters"));
}
