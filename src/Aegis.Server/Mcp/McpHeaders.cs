using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Gate;
using Aegis.Server.Auth;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp;

/// <summary>What the headers say of a message must be what the message says: proxies decide by headers, and a
/// message that shows them one thing and the server another would walk past them. The rules are those of the
/// protocol; each method answers with the refusal, or null.</summary>
internal static class McpHeaders
{
    public static McpRefusal? Check(HttpContext http, JsonRpcMessage message, ToolCatalogue tools) =>
        Version(http, message) ?? Envelope(http, message) ?? Standard(http, message)
            ?? Named(http, message, tools) ?? Metadata(http, message) ?? Removed(http, message);

    private static McpRefusal? Version(HttpContext http, JsonRpcMessage message)
    {
        var version = McpWire.Header(http, McpWire.VersionHeader);
        return version.Length == 0 || McpWire.Handshake.Contains(version) || McpWire.IsStateless(version)
            ? null
            : new McpRefusal(StatusCodes.Status400BadRequest, (int)McpErrorCode.UnsupportedProtocolVersion,
                $"the protocol's version {version} is not served here", new JsonObject
                {
                    ["code"] = "AEGIS6204",
                    ["supported"] = new JsonArray([.. Served(message).Select(v => (JsonNode)v)]),
                    ["requested"] = version,
                });
    }

    // who carries a version in each request can go on with one that needs no handshake alone
    private static IEnumerable<string> Served(JsonRpcMessage message) =>
        McpWire.Meta(message)?[MetaKeys.ProtocolVersion] is null
            ? McpWire.Handshake.Concat(McpWire.Stateless)
            : McpWire.Stateless;

    private static McpRefusal? Envelope(HttpContext http, JsonRpcMessage message)
    {
        var header = McpWire.Header(http, McpWire.VersionHeader);
        if (message is JsonRpcRequest { Method: RequestMethods.Initialize, Params: JsonObject first }
            && McpWire.Text(first["protocolVersion"]) is { } asked && header.Length > 0 && header != asked)
        {
            return Mismatch($"MCP-Protocol-Version is {header}, params.protocolVersion {asked}");
        }
        var meta = McpWire.Text(McpWire.Meta(message)?[MetaKeys.ProtocolVersion]);
        if (message is not (JsonRpcRequest or JsonRpcNotification)
            || (!McpWire.IsStateless(header) && !McpWire.IsStateless(meta)))
        {
            return null;
        }
        if (header.Length == 0)
        {
            return Mismatch("MCP-Protocol-Version is missing");
        }
        if (meta is null)
        {
            return message is JsonRpcRequest
                ? Params($"_meta/{MetaKeys.ProtocolVersion} is missing")
                : null;
        }
        return header == meta ? null : Mismatch($"MCP-Protocol-Version is {header}, that of _meta {meta}");
    }

    private static McpRefusal? Standard(HttpContext http, JsonRpcMessage message)
    {
        if (!McpWire.IsStateless(McpWire.Header(http, McpWire.VersionHeader))
            || McpWire.Method(message) is not { } method)
        {
            return null;
        }
        return McpWire.Header(http, McpWire.MethodHeader).Trim() is var named && named == method ? null
            : Mismatch(named.Length == 0
                ? "Mcp-Method is missing" : $"Mcp-Method is {named}, the method {method}");
    }

    private static McpRefusal? Named(HttpContext http, JsonRpcMessage message, ToolCatalogue tools)
    {
        if (!McpWire.IsStateless(McpWire.Header(http, McpWire.VersionHeader)))
        {
            return null;
        }
        var member = McpWire.Method(message) switch
        {
            RequestMethods.ToolsCall or RequestMethods.PromptsGet => "name",
            RequestMethods.ResourcesRead => "uri",
            _ => null,
        };
        if (member is null)
        {
            return null;
        }
        var inBody = McpWire.Params(message) is JsonObject some ? McpWire.Text(some[member]) : null;
        var raw = McpWire.Header(http, McpWire.NameHeader).Trim();
        if (raw.Length == 0)
        {
            return Mismatch("Mcp-Name is missing");
        }
        return Decoded(raw) is not { } named ? Mismatch("Mcp-Name cannot be read")
            : named != inBody ? Mismatch($"Mcp-Name is {named}, params.{member} {inBody}")
            : message is JsonRpcRequest { Method: RequestMethods.ToolsCall }
                && tools.Known(http.Caller().Principal.Tenancy, named) is { } tool
                ? McpParamHeaders.Check(http, tool.Schema,
                    (McpWire.Params(message) as JsonObject)?["arguments"])
                : null;
    }

    private static McpRefusal? Metadata(HttpContext http, JsonRpcMessage message) =>
        message is JsonRpcRequest && McpWire.IsStateless(McpWire.Header(http, McpWire.VersionHeader))
            && McpWire.Meta(message)?[MetaKeys.ClientCapabilities] is not JsonObject
            ? Params($"_meta/{MetaKeys.ClientCapabilities} is missing or no object")
            : null;

    private static McpRefusal? Removed(HttpContext http, JsonRpcMessage message) =>
        McpWire.IsStateless(McpWire.Header(http, McpWire.VersionHeader)) && message is JsonRpcRequest
        {
            Method: "initialize" or "ping" or "logging/setLevel" or "resources/subscribe"
                or "resources/unsubscribe",
        } removed
            ? McpRefusal.Of(McpErrors.Removed(removed.Method), StatusCodes.Status404NotFound,
                McpErrorCode.MethodNotFound)
            : null;

    internal static McpRefusal Mismatch(string what) => McpRefusal.Of(
        McpErrors.Headers(what), StatusCodes.Status400BadRequest, McpErrorCode.HeaderMismatch);

    /// <summary>A header's text, out of <c>=?base64?…?=</c> where it is in that; null where it is
    /// neither.</summary>
    internal static string? Decoded(string raw) =>
        raw.All(c => c is '\t' or (>= ' ' and <= '~')) ? McpHeaderEncoder.DecodeValue(raw) : null;

    private static McpRefusal Params(string what) => McpRefusal.Of(
        McpErrors.Headers(what), StatusCodes.Status400BadRequest, McpErrorCode.InvalidParams);
}
