using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Mcp;

/// <summary>What came back for a message: the status, and every message of the answer.</summary>
internal sealed record McpReply(HttpStatusCode Status, IReadOnlyList<JsonElement> Messages, string? Session)
{
    public JsonElement Last => Messages[^1];

    public JsonElement Result => Last.TryGetProperty("result", out var result) ? result
        : throw new InvalidOperationException(Last.GetRawText());

    public JsonElement Error => Last.GetProperty("error");
}

/// <summary>Speaks MCP by hand, so that a test sees what is on the wire.</summary>
internal sealed class McpCaller(RealServer server, string? key = null)
{
    private const string Stateless = "2026-07-28";
    private int id;

    public string? Session { get; set; }

    public Dictionary<string, string> Headers { get; } = [];

    public async Task<McpReply> OpenAsync(JsonObject? meta = null)
    {
        var reply = await SendAsync("initialize", new JsonObject
        {
            ["protocolVersion"] = "2025-11-25",
            ["capabilities"] = new JsonObject(),
            ["clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
            ["_meta"] = meta,
        });
        Session = reply.Session;
        if (Session is not null)
        {
            await PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", []);
        }
        return reply;
    }

    public Task<McpReply> SendAsync(string method, JsonObject? parameters = null) =>
        PostAsync(Message(method, parameters ?? []), []);

    public Task<McpReply> CallAsync(string tool, JsonObject? arguments = null, JsonObject? meta = null) =>
        SendAsync("tools/call", new JsonObject
        {
            ["name"] = tool,
            ["arguments"] = arguments ?? [],
            ["_meta"] = meta,
        });

    /// <summary>On the wire without sessions.</summary>
    public Task<McpReply> AloneAsync(string method, JsonObject? parameters = null)
    {
        var given = parameters ?? [];
        var meta = given["_meta"] as JsonObject ?? [];
        meta["io.modelcontextprotocol/protocolVersion"] = Stateless;
        meta["io.modelcontextprotocol/clientCapabilities"] ??= new JsonObject();
        given["_meta"] = meta.Parent is null ? meta : meta.DeepClone();
        var headers = new Dictionary<string, string>
        {
            ["MCP-Protocol-Version"] = Stateless,
            ["Mcp-Method"] = method,
        };
        if ((given["name"] ?? given["uri"]) is { } name)
        {
            headers["Mcp-Name"] = name.GetValue<string>();
        }
        return PostAsync(Message(method, given), headers);
    }

    public async Task<McpReply> PostAsync(string body, Dictionary<string, string> headers)
    {
        using var request = Request(HttpMethod.Post, headers);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await server.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        var session = reply.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.Single() : null;
        return new McpReply(reply.StatusCode, Messages(reply, text), session);
    }

    public Task<HttpStatusCode> EndAsync() => StatusAsync(HttpMethod.Delete);

    /// <summary>Asks for the stream of what the server says unasked, and leaves once it has begun.</summary>
    public Task<HttpStatusCode> ListenAsync() => StatusAsync(HttpMethod.Get);

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method)
    {
        using var request = Request(method, []);
        using var reply = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return reply.StatusCode;
    }

    private HttpRequestMessage Request(HttpMethod method, Dictionary<string, string> headers)
    {
        var request = new HttpRequestMessage(method, new Uri("/mcp", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? server.Key);
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (Session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", Session);
        }
        foreach (var (name, value) in headers.Concat(Headers))
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    private string Message(string method, JsonObject parameters) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["id"] = ++id,
        ["method"] = method,
        ["params"] = parameters,
    }.ToJsonString();

    private static List<JsonElement> Messages(HttpResponseMessage reply, string text) =>
        reply.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? [.. text.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal))
                .Select(l => JsonElement.Parse(l[6..]))]
            : text.Length > 0 ? [JsonElement.Parse(text)] : [];
}
