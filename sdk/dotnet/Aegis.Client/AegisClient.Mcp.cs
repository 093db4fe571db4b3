using System.Net.Http.Headers;
using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>A client of the Model Context Protocol that speaks over a pipe, one JSON-RPC message on a
    /// line, joined to the server's <c>/mcp</c>. Ends with the input; answers that are still owed are
    /// written first.</summary>
    public async Task BridgeMcpAsync(TextReader input, TextWriter output, CancellationToken cancel = default)
    {
        await using var bridge = new McpBridge(this, output);
        while (await input.ReadLineAsync(cancel) is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                await bridge.TakeAsync(line, cancel);
            }
        }
        await bridge.DrainAsync(cancel);
    }

    /// <summary>Tools of outside MCP servers, and what of them is approved.</summary>
    public Task<Listing<OutsideTool>> ListOutsideToolsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/mcp/tools", ClientJson.Default.ListingOutsideTool, cancel);

    /// <summary>Lets an outside tool be called as long as it says what has this hash.</summary>
    public Task<OutsideTool> ApproveOutsideToolAsync(
        string tool, string hash, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/mcp/tools/{Escape(tool)}:approve",
            Body(new ApproveOutsideTool(hash), ClientJson.Default.ApproveOutsideTool),
            ClientJson.Default.OutsideTool, cancel);

    /// <summary>For the bridge: a request to /mcp as it is, whatever the answer's status.</summary>
    internal Task<HttpResponseMessage> SendMcpAsync(HttpMethod method, HttpContent? body,
        Action<HttpRequestHeaders> headers, CancellationToken cancel) =>
        SendAsync(method, "mcp", body, headers, cancel);
}

/// <summary>A tool of an outside MCP server.</summary>
/// <param name="Open">Whether it may be called: what it says is what was approved.</param>
/// <param name="Says">Name, description, schemas and hints, as the server sent them last.</param>
/// <param name="SaidBefore">What was approved, where that is something else.</param>
public sealed record OutsideTool(string Name, string Server, string Tool, bool Open, string Hash,
    string? ApprovedHash, DateTimeOffset SeenAt, string? ApprovedBy, DateTimeOffset? ApprovedAt,
    JsonElement Says, JsonElement? SaidBefore);

public sealed record ApproveOutsideTool(string Hash);
