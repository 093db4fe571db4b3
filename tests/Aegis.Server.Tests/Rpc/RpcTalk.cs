using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Aegis.Sealing;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Rpc;

/// <summary>A plain client of <c>/v1/rpc</c>: sends messages, and waits for those that it wants while it
/// keeps what terminals show.</summary>
internal sealed class RpcTalk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<JsonElement> seen = [];
    private readonly MemoryStream shown = new();

    public ClientWebSocket Socket { get; } = new();

    /// <summary>The next byte that a terminal is expected to show.</summary>
    public long Offset { get; set; }

    public uint Channel { get; private set; }

    public string Session { get; private set; } = "";

    public static async Task<RpcTalk> OpenAsync(Uri server, string? key, string path = "/v1/rpc")
    {
        var talk = new RpcTalk();
        if (key is not null)
        {
            talk.Socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        }
        talk.Socket.Options.CollectHttpResponseDetails = true;
        await talk.Socket.ConnectAsync(new Uri($"ws://{server.Authority}{path}"), default);
        return talk;
    }

    public static Task<RpcTalk> OpenAsync(RealServer server, string? key = null) =>
        OpenAsync(server.Server.Url, key ?? server.Key);

    public Task SendAsync(object message) =>
        TextAsync(message as string ?? JsonSerializer.Serialize(message));

    public Task TextAsync(string text) =>
        Socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    public Task TypeAsync(string text, long offset)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var frame = new byte[TerminalFrame.HeaderBytes + bytes.Length];
        new TerminalFrame(TerminalFrame.Input, Channel, offset).Write(frame);
        bytes.CopyTo(frame, TerminalFrame.HeaderBytes);
        return Socket.SendAsync(frame, WebSocketMessageType.Binary, true, default);
    }

    public Task AckAsync(long offset)
    {
        var frame = new byte[TerminalFrame.HeaderBytes];
        new TerminalFrame(TerminalFrame.Ack, Channel, offset).Write(frame);
        return Socket.SendAsync(frame, WebSocketMessageType.Binary, true, default);
    }

    /// <summary>Sends a message and waits for the answer that carries its id.</summary>
    public async Task<JsonElement> AskAsync(object message)
    {
        var id = $"q{seen.Count}-{Guid.NewGuid():N}";
        var json = JsonSerializer.SerializeToNode(message)!.AsObject();
        json["id"] = id;
        await TextAsync(json.ToJsonString());
        return await UntilAsync(m => IsOf(m, id) && IsAnswer(m));
    }

    private static bool IsOf(JsonElement message, string id) => message.TryGetProperty("id", out var of)
        && of.ValueKind == JsonValueKind.String && of.GetString() == id;

    private static bool IsAnswer(JsonElement message) => message.TryGetProperty("ok", out _)
        || message.TryGetProperty("result", out _)
        || (message.TryGetProperty("error", out _) && message.TryGetProperty("jsonrpc", out _));

    /// <summary>Opens a terminal or attaches to one; its answer must be ok.</summary>
    public async Task<JsonElement> TerminalAsync(object message)
    {
        var answer = await AskAsync(message);
        Assert.True(answer.GetProperty("ok").GetBoolean(), answer.GetRawText());
        (Session, Channel, Offset) = (answer.GetProperty("session").GetString()!,
            answer.GetProperty("channel").GetUInt32(), answer.GetProperty("offset").GetInt64());
        return answer;
    }

    /// <summary>The first message, seen before or to come, that is wanted; it is not seen again.</summary>
    public async Task<JsonElement> UntilAsync(Predicate<JsonElement> wanted)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var at = seen.FindIndex(wanted);
            if (at >= 0)
            {
                var found = seen[at];
                seen.RemoveAt(at);
                return found;
            }
            Assert.True(await ReadAsync(limit.Token), $"closed: {Socket.CloseStatusDescription}");
        }
    }

    /// <summary>What the terminal has shown so far, once it ends in a text.</summary>
    public async Task<string> ShownAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var all = Encoding.UTF8.GetString(shown.ToArray());
            if (all.Contains(text, StringComparison.Ordinal))
            {
                return all;
            }
            try
            {
                Assert.True(await ReadAsync(limit.Token),
                    $"closed: {Socket.CloseStatusDescription}; shown: {all}");
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not shown: {text}; but: {all}; messages: {string.Join('\n', seen)}");
            }
        }
    }

    public string ShownSoFar => Encoding.UTF8.GetString(shown.ToArray());

    public void Forget() => shown.SetLength(0);

    /// <summary>Reads until the server closes; why it did.</summary>
    public async Task<string?> ClosedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await ReadAsync(limit.Token))
        {
            // on
        }
        return Socket.CloseStatusDescription;
    }

    public void Dispose()
    {
        Socket.Dispose();
        shown.Dispose();
    }

    /// <summary>False for the close.</summary>
    public async Task<bool> ReadAsync(CancellationToken cancel)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[128 * 1024];
        ValueWebSocketReceiveResult read;
        do
        {
            read = await Socket.ReceiveAsync(buffer.AsMemory(), cancel);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }
            whole.Write(buffer, 0, read.Count);
        }
        while (!read.EndOfMessage);
        var bytes = whole.ToArray();
        if (read.MessageType == WebSocketMessageType.Text)
        {
            seen.Add(JsonElement.Parse(bytes));
            return true;
        }
        Assert.Equal(TerminalFrame.Output, bytes[0]);
        Assert.Equal(Offset, BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(5)));
        shown.Write(bytes.AsSpan(TerminalFrame.HeaderBytes));
        Offset += bytes.Length - TerminalFrame.HeaderBytes;
        return true;
    }
}
