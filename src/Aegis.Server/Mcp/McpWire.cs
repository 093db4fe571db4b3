using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp;

/// <summary>A refusal of the door itself, before the protocol's own machinery has the message.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Code">Of JSON-RPC.</param>
internal sealed record McpRefusal(int Status, int Code, string Message, object? Data = null)
{
    public static McpRefusal Of(
        AegisError error, int status, McpErrorCode code = McpErrorCode.InvalidRequest) =>
        new(status, (int)code, $"{error.Code}: {error.Message}", McpErrors.Data(error));
}

/// <summary>Messages in and out of HTTP.</summary>
internal static class McpWire
{
    public const string SessionHeader = "Mcp-Session-Id";
    public const string VersionHeader = "MCP-Protocol-Version";
    public const string MethodHeader = "Mcp-Method";
    public const string NameHeader = "Mcp-Name";
    public const string ParamHeader = "Mcp-Param-";

    /// <summary>Versions with sessions and a handshake, oldest first.</summary>
    public static readonly string[] Handshake = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    /// <summary>Versions whose requests stand alone.</summary>
    public static readonly string[] Stateless = ["2026-07-28"];

    /// <summary>How long a list may be shown again: as long as a key is believed.</summary>
    public static readonly TimeSpan Fresh = DoorLimits.KeyLife;

    private static readonly JsonTypeInfo<JsonRpcMessage> MessageType =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    /// <summary>A member that comes twice is one thing to this reader and another to the next: the SDK takes
    /// the last one, or trips over it later.</summary>
    private static readonly JsonDocumentOptions EachOnce = new() { AllowDuplicateProperties = false };

    private static readonly JsonTypeInfo<JsonRpcError> ErrorType =
        (JsonTypeInfo<JsonRpcError>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcError));

    public static bool IsStateless(string? version) => Stateless.Contains(version);

    public static string Header(HttpContext http, string name) => http.Request.Headers[name].ToString();

    /// <summary>Null where the body is no message.</summary>
    public static async ValueTask<JsonRpcMessage?> ReadAsync(HttpContext http)
    {
        var body = http.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(http.RequestAborted);
            if (!read.IsCompleted)
            {
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            try
            {
                return Message(read.Buffer);
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }
        }
    }

    private static JsonRpcMessage? Message(ReadOnlySequence<byte> body)
    {
        try
        {
            JsonDocument.Parse(body, EachOnce).Dispose();
            var reader = new Utf8JsonReader(body);
            return JsonSerializer.Deserialize(ref reader, MessageType);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // the second: a text that is no Unicode
            return null;
        }
    }

    public static JsonNode? Params(JsonRpcMessage message) => message switch
    {
        JsonRpcRequest request => request.Params,
        JsonRpcNotification notification => notification.Params,
        _ => null,
    };

    public static string? Method(JsonRpcMessage message) => message switch
    {
        JsonRpcRequest request => request.Method,
        JsonRpcNotification notification => notification.Method,
        _ => null,
    };

    public static JsonObject? Meta(JsonRpcMessage message) =>
        Params(message) is JsonObject some ? some["_meta"] as JsonObject : null;

    public static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static async Task RefuseAsync(HttpContext http, McpRefusal refusal, JsonRpcMessage? about)
    {
        http.Response.StatusCode = refusal.Status;
        http.Response.ContentType = "application/json";
        var error = new JsonRpcError
        {
            Id = about is JsonRpcRequest request ? request.Id : default,
            Error = new JsonRpcErrorDetail
            {
                Code = refusal.Code,
                Message = refusal.Message,
                Data = refusal.Data,
            },
        };
        await JsonSerializer.SerializeAsync(http.Response.Body, error, ErrorType, http.RequestAborted);
    }

    public static void BeginStream(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache,no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }
}
