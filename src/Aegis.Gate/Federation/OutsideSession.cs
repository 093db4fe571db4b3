using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Gate.Peers;
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
    private static readonly TimeSpan CancelTimeMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HandshakeTimeMax = TimeSpan.FromSeconds(30);

    private readonly string server;
    private readonly OutsideLine line;
    private readonly ProgressRelay relay;
    private readonly McpClient client;

    private OutsideSession(string server, OutsideLine line, ProgressRelay relay, McpClient client) =>
        (this.server, this.line, this.relay, this.client) = (server, line, relay, client);

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
            var relay = new ProgressRelay(line.Transport);
            var client = await AnsweredAsync(server.Name,
                () => McpClient.CreateAsync(relay, options, cancellationToken: cancel), line, cancel);
            return new OutsideSession(server.Name, line, relay, client);
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

    /// <summary>Calls a tool; the server hears of it when the call is cancelled.</summary>
    /// <param name="peer">Hears of the server's progress, where it wants to.</param>
    public async Task<CallToolResult> CallAsync(
        string tool, JsonElement input, CallPeer peer, CancellationToken cancel)
    {
        var given = new JsonObject { ["name"] = tool, ["arguments"] = JsonNode.Parse(input.GetRawText()) };
        if (peer.WantsProgress)
        {
            // a token of our own: the client's stays between it and us
            given["_meta"] = new JsonObject { ["progressToken"] = relay.Begin(peer, cancel) };
        }
        var request = new JsonRpcRequest
        {
            Id = new RequestId($"call-{Guid.NewGuid():N}"), Method = RequestMethods.ToolsCall, Params = given,
        };
        var asking = AskAsync(request, CancellationToken.None);
        try
        {
            var result = await asking.WaitAsync(cancel);
            return result.Deserialize<CallToolResult>(McpJsonUtilities.DefaultOptions)!;
        }
        catch (JsonException)
        {
            throw new AegisException(FederationErrors.Broken(server, "its answer is no result of a tool"));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await CancelAsync(request.Id);
            // it ends with the session, and nobody waits for it
            _ = asking.ContinueWith(t => t.Exception, TaskScheduler.Default);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await line.DisposeAsync();
    }

    /// <summary>Said aloud, and not left to the end of the line: a server may serve many. Where requests
    /// stand alone over HTTP, closing the connection is how it is said.</summary>
    private async Task CancelAsync(RequestId id)
    {
        if (line.IsCancelledByClosing(client.NegotiatedProtocolVersion))
        {
            return;
        }
        using var patience = new CancellationTokenSource(CancelTimeMax);
        try
        {
            await client.SendNotificationAsync(NotificationMethods.CancelledNotification,
                new CancelledNotificationParams { RequestId = id, Reason = "the caller cancelled the call" },
                cancellationToken: patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException
            or InvalidOperationException or McpException)
        {
            // it does not listen; its line is closed next
        }
    }

    private Task<JsonElement> AskAsync(string method, JsonObject given, CancellationToken cancel) =>
        AskAsync(new JsonRpcRequest { Method = method, Params = given }, cancel);

    private async Task<JsonElement> AskAsync(JsonRpcRequest request, CancellationToken cancel)
    {
        var answer = await AnsweredAsync(
            server, () => client.SendRequestAsync(request, cancel), line, cancel);
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
