using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Client;

/// <summary>
/// Lines of a pipe as requests of Streamable HTTP, and what comes back as lines. A request is answered while
/// the next ones are under way, so that one slow tool holds up nobody; initialize alone is waited for: the
/// session that it opens goes with all that follows.
/// </summary>
internal sealed class McpBridge(AegisClient client, TextWriter output) : IAsyncDisposable
{
    /// <summary>Requests under way at once; the next line waits.</summary>
    public const int RequestsMax = 64;

    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionMeta = "io.modelcontextprotocol/protocolVersion";

    private readonly SemaphoreSlim writing = new(1);
    private readonly SemaphoreSlim places = new(RequestsMax);
    private readonly ConcurrentDictionary<Task, byte> underWay = new();
    private readonly CancellationTokenSource over = new();
    private volatile string? session;
    private volatile string? version;
    private Task listening = Task.CompletedTask;

    public async Task TakeAsync(string line, CancellationToken cancel)
    {
        if (Parse(line) is not { } message)
        {
            await WriteAsync(Failure(null, -32700, "the line is no JSON object"), cancel);
            return;
        }
        var method = Text(message["method"]);
        if (method == "initialize")
        {
            await SendAsync(message, line, cancel);
            return;
        }
        await places.WaitAsync(cancel);
        var sending = SendThenLeaveAsync(message, line, cancel);
        underWay[sending] = 0;
        _ = sending.ContinueWith(t => underWay.TryRemove(t, out _), TaskScheduler.Default);
        if (method == "notifications/initialized")
        {
            await sending;
            listening = Task.Run(() => ListenAsync(over.Token), CancellationToken.None);
        }
    }

    public Task DrainAsync(CancellationToken cancel) => Task.WhenAll(underWay.Keys).WaitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await listening;
        if (session is not null)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                using var reply = await client.SendMcpAsync(HttpMethod.Delete, null, Session, limit.Token);
            }
            catch (Exception e) when (e is AegisUnreachableException or OperationCanceledException)
            {
                // the server ends it by itself once it has been idle
            }
        }
        over.Dispose();
        places.Dispose();
        writing.Dispose();
    }

    private async Task SendThenLeaveAsync(JsonObject message, string line, CancellationToken cancel)
    {
        await Task.Yield();
        try
        {
            await SendAsync(message, line, cancel);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task SendAsync(JsonObject message, string line, CancellationToken cancel)
    {
        try
        {
            using var body = new StringContent(line, Encoding.UTF8, "application/json");
            using var reply = await client.SendMcpAsync(
                HttpMethod.Post, body, headers => Describe(headers, message), cancel);
            if (reply.Headers.TryGetValues(SessionHeader, out var ids))
            {
                session = ids.First();
            }
            await RelayAsync(reply, message, cancel);
        }
        catch (Exception e) when (e is AegisUnreachableException or IOException or HttpRequestException)
        {
            await FailAsync(message, e.Message, cancel);
        }
    }

    /// <summary>The answer's messages as lines. An error that came as no message of the protocol (a proxy, a
    /// refused key) becomes one.</summary>
    private async Task RelayAsync(HttpResponseMessage reply, JsonObject message, CancellationToken cancel)
    {
        var type = reply.Content.Headers.ContentType?.MediaType;
        if (type == "text/event-stream")
        {
            await using var stream = await reply.Content.ReadAsStreamAsync(cancel);
            await foreach (var item in SseReader.ReadAsync(stream, cancel))
            {
                Learn(item.Data);
                await WriteAsync(item.Data, cancel);
            }
            return;
        }
        var text = await reply.Content.ReadAsStringAsync(cancel);
        if (Parse(text) is { } answer && answer["jsonrpc"] is not null)
        {
            if (message["id"] is not null)
            {
                await WriteAsync(answer.ToJsonString(), cancel);
            }
        }
        else if (!reply.IsSuccessStatusCode)
        {
            await FailAsync(message, Parse(text) is { } problem
                ? $"{Text(problem["code"])}: {Text(problem["detail"]) ?? Text(problem["title"])}"
                : $"the server answered {(int)reply.StatusCode}", cancel);
        }
    }

    /// <summary>What the server says unasked, for as long as the session lives.</summary>
    private async Task ListenAsync(CancellationToken cancel)
    {
        try
        {
            using var reply = await client.SendMcpAsync(HttpMethod.Get, null, headers =>
            {
                Session(headers);
                headers.Accept.ParseAdd("text/event-stream");
            }, cancel);
            if (reply.IsSuccessStatusCode)
            {
                await using var stream = await reply.Content.ReadAsStreamAsync(cancel);
                await foreach (var item in SseReader.ReadAsync(stream, cancel))
                {
                    await WriteAsync(item.Data, cancel);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException
            or AegisUnreachableException)
        {
            // over, or the server has gone: the next request says so
        }
    }

    private void Describe(HttpRequestHeaders headers, JsonObject message)
    {
        headers.Accept.ParseAdd("application/json");
        headers.Accept.ParseAdd("text/event-stream");
        Session(headers);
        if (message["params"] is not JsonObject given
            || Text((given["_meta"] as JsonObject)?[VersionMeta]) is not { } own)
        {
            return;
        }
        headers.Remove("MCP-Protocol-Version");
        headers.Add("MCP-Protocol-Version", own);
        headers.Add("Mcp-Method", Text(message["method"]) ?? "");
        if ((Text(given["name"]) ?? Text(given["uri"])) is { } name)
        {
            headers.Add("Mcp-Name", name.All(c => c is >= ' ' and <= '~') ? name
                : $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}?=");
        }
    }

    private void Session(HttpRequestHeaders headers)
    {
        if (session is { } id)
        {
            headers.Add(SessionHeader, id);
        }
        if (version is { } agreed)
        {
            headers.Add("MCP-Protocol-Version", agreed);
        }
    }

    // initialize's answer says which version both speak from then on
    private void Learn(string data)
    {
        if (version is null && session is not null
            && Text((Parse(data)?["result"] as JsonObject)?["protocolVersion"]) is { } agreed)
        {
            version = agreed;
        }
    }

    private Task FailAsync(JsonObject message, string words, CancellationToken cancel) =>
        message["id"] is { } id
            ? WriteAsync(Failure(id, -32603, words), cancel)
            : Task.CompletedTask;

    private async Task WriteAsync(string line, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            await output.WriteLineAsync(line.AsMemory(), cancel);
            await output.FlushAsync(cancel);
        }
        finally
        {
            writing.Release();
        }
    }

    private static string Failure(JsonNode? id, int code, string words) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["id"] = id?.DeepClone(),
        ["error"] = new JsonObject { ["code"] = code, ["message"] = words },
    }.ToJsonString();

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
