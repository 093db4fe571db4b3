using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Aegis.Gate.Federation;

/// <summary>
/// A conversation with an outside MCP server, for one call: a connection or a sandboxed process that ends
/// with it, so that nothing of one call, caller or tenant is left for the next, and what the server says of
/// its tools is asked each time. Rejected: keeping servers open between calls, which would save their start
/// and share their memory. 1. a line to the server, over HTTP or the pipes of a sandbox; 2. the handshake of
/// whichever version it speaks; 3. requests as they are, so that a tool's description is hashed as it was
/// sent.
/// </summary>
internal sealed class OutsideSession : IAsyncDisposable
{
    /// <summary>Bytes that a server may send in one conversation.</summary>
    public const int ReceivedBytesMax = 16 << 20;

    /// <summary>Tools of one server; what it lists beyond is not there.</summary>
    public const int ToolsMax = 500;

    /// <summary>Bytes of what a tool says of itself; one that says more is left out.</summary>
    public const int ToolBytesMax = 64 * 1024;

    private const int PagesMax = 50;
    private const int ReasonCharsMax = 500;
    private static readonly TimeSpan HandshakeTimeMax = TimeSpan.FromSeconds(30);

    private readonly string server;
    private readonly OutsideLine line;
    private readonly McpClient client;

    private OutsideSession(string server, OutsideLine line, McpClient client) =>
        (this.server, this.line, this.client) = (server, line, client);

    public static async Task<OutsideSession> OpenAsync(
        GateExecution execution, McpServerProfile server, CancellationToken cancel)
    {
        var line = server.Url is null
            ? (OutsideLine)await SandboxLine.OpenAsync(execution, server, cancel)
            : await HttpLine.OpenAsync(execution, server, cancel);
        try
        {
            var options = new McpClientOptions
            {
                ClientInfo = new Implementation { Name = "aegis-forge", Version = "1" },
                InitializationTimeout = HandshakeTimeMax,
            };
            var client = await AnsweredAsync(server.Name,
                () => McpClient.CreateAsync(line.Transport, options, cancellationToken: cancel), line,
                cancel);
            return new OutsideSession(server.Name, line, client);
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    /// <summary>What each tool says of itself, as it was sent.</summary>
    public async Task<List<JsonElement>> ListAsync(CancellationToken cancel)
    {
        var tools = new List<JsonElement>();
        string? cursor = null;
        for (var page = 0; page < PagesMax && tools.Count < ToolsMax; page++)
        {
            var given = cursor is null ? new JsonObject() : new JsonObject { ["cursor"] = cursor };
            var result = await AskAsync(RequestMethods.ToolsList, given, cancel);
            if (!result.TryGetProperty("tools", out var listed) || listed.ValueKind != JsonValueKind.Array)
            {
                throw new AegisException(FederationErrors.Broken(server, "its list of tools has no tools"));
            }
            tools.AddRange(listed.EnumerateArray().Where(IsTool));
            cursor = result.TryGetProperty("nextCursor", out var next)
                && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
            if (cursor is null)
            {
                break;
            }
        }
        return tools.Count > ToolsMax ? tools[..ToolsMax] : tools;
    }

    public async Task<CallToolResult> CallAsync(string tool, JsonElement input, CancellationToken cancel)
    {
        var result = await AskAsync(RequestMethods.ToolsCall, new JsonObject
        {
            ["name"] = tool,
            ["arguments"] = JsonNode.Parse(input.GetRawText()),
        }, cancel);
        try
        {
            return result.Deserialize<CallToolResult>(McpJsonUtilities.DefaultOptions)!;
        }
        catch (JsonException)
        {
            throw new AegisException(FederationErrors.Broken(server, "its answer is no result of a tool"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await line.DisposeAsync();
    }

    private async Task<JsonElement> AskAsync(string method, JsonObject given, CancellationToken cancel)
    {
        var answer = await AnsweredAsync(server, () => client.SendRequestAsync(
            new JsonRpcRequest { Method = method, Params = given }, cancel), line, cancel);
        return answer.Result is JsonObject result
            ? JsonSerializer.SerializeToElement(result)
            : throw new AegisException(FederationErrors.Broken(server, "its answer is no object"));
    }

    private static bool IsTool(JsonElement tool) => tool.ValueKind == JsonValueKind.Object
        && tool.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
        && tool.GetRawText().Length <= ToolBytesMax;

    /// <summary>What a stranger's program or network does is no fault of ours.</summary>
    private static async Task<T> AnsweredAsync<T>(
        string server, Func<Task<T>> ask, OutsideLine line, CancellationToken cancel)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is not AegisException
            && !(e is OperationCanceledException && cancel.IsCancellationRequested))
        {
            throw Refused(e)
                ?? new AegisException(FederationErrors.Broken(server, line.Trouble ?? Reason(e)));
        }
    }

    private static AegisException? Refused(Exception e) =>
        e as AegisException ?? (e.InnerException is { } inner ? Refused(inner) : null);

    private static string Reason(Exception e)
    {
        var words = e is OperationCanceledException or TimeoutException
            ? "it did not answer in time"
            : e.Message;
        return words.Length > ReasonCharsMax ? words[..ReasonCharsMax] : words;
    }
}
