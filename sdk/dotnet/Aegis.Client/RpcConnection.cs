using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Sealing;

namespace Aegis.Client;

/// <summary>How a connection of <c>/v1/rpc</c> is made.</summary>
/// <param name="Sealed">Nothing but the two ends can read or change what is sent, whoever carries it.</param>
/// <param name="ServerKey">The server that was paired with (its <c>server_key</c>); a sealed connection to
/// any other is refused. Null trusts the one that answers.</param>
public sealed record RpcOptions(bool Sealed = false, string? ServerKey = null);

/// <summary>An answer that says no.</summary>
public sealed class RpcException(Problem problem, JsonElement answer)
    : Exception($"{problem.Code}: {problem.Detail}")
{
    public Problem Problem => problem;

    /// <summary>The whole answer: a call that failed has its output in it.</summary>
    public JsonElement Answer => answer;
}

/// <summary>One connection to <c>/v1/rpc</c>: commands, git, models, pairing and terminals. Thread-safe; any
/// number of calls at once.</summary>
public sealed class RpcConnection : IAsyncDisposable
{
    private const int MessageBytesMax = 4 * 1024 * 1024;
    private const string SealedProtocol = "aegis.sealed.v1";
    private static readonly TimeSpan WriteMax = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket socket = new();
    private readonly CancellationTokenSource stop = new();
    private readonly MessageSocket messages;
    private readonly ConcurrentDictionary<long, Waiting> waiting = new();
    private readonly ConcurrentDictionary<uint, RemoteTerminal> terminals = new();
    private Task reading = Task.CompletedTask;
    private long asked;

    private RpcConnection() => messages = new MessageSocket(socket, MessageBytesMax, WriteMax, stop.Token);

    /// <summary>The key that the server showed on a sealed connection.</summary>
    public string? ServerKey { get; private set; }

    /// <summary>Completes when the connection has ended; with the reason that the server gave.</summary>
    public Task Closed => reading;

    /// <summary>Why the server closed it, where it said so.</summary>
    public string? CloseReason => socket.CloseStatusDescription;

    /// <param name="server">Such as <c>http://127.0.0.1:4000</c>; without a path, /v1/rpc.</param>
    /// <param name="credential">A key, or the token of a pairing offer. Null with a sealed connection that
    /// pairs.</param>
    /// <exception cref="AegisUnreachableException">Nobody answered, or not as a server does.</exception>
    public static async Task<RpcConnection> OpenAsync(Uri server, string? credential,
        RpcOptions? options = null, string? project = null, CancellationToken cancel = default)
    {
        var wanted = options ?? new RpcOptions();
        var made = new RpcConnection();
        try
        {
            if (wanted.Sealed)
            {
                made.socket.Options.AddSubProtocol(SealedProtocol);
            }
            else if (credential is not null)
            {
                made.socket.Options.SetRequestHeader("Authorization", $"Bearer {credential}");
            }
            if (project is not null)
            {
                made.socket.Options.SetRequestHeader("X-Aegis-Project", project);
            }
            await made.socket.ConnectAsync(Address(server), cancel);
            if (wanted.Sealed)
            {
                await made.SealAsync(wanted.ServerKey);
            }
            made.reading = made.ReadAsync();
            if (wanted.Sealed && credential is not null)
            {
                await made.CallAsync("auth", new JsonObject { ["key"] = credential }, cancel: cancel);
            }
            return made;
        }
        catch (Exception e) when (e is WebSocketException or MessageSocketException)
        {
            await made.DisposeAsync();
            throw new AegisUnreachableException(server, e);
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls an op and returns its answer.</summary>
    /// <param name="onStream">Gets what a call writes while it writes it; awaited before more is
    /// read.</param>
    /// <exception cref="RpcException">The answer says no.</exception>
    public Task<JsonElement> CallAsync(string op, JsonObject members,
        Func<JsonElement, ValueTask>? onStream = null, CancellationToken cancel = default) =>
        CallAsync(op, members, new Waiting(onStream, null), cancel);

    private async Task<JsonElement> CallAsync(
        string op, JsonObject members, Waiting one, CancellationToken cancel)
    {
        var id = Interlocked.Increment(ref asked);
        members["op"] = op;
        members["id"] = id;
        waiting[id] = one;
        try
        {
            await messages.SendAsync(Encoding.UTF8.GetBytes(members.ToJsonString()), false);
            var answer = await one.Answer.Task.WaitAsync(cancel);
            return answer.GetProperty("ok").GetBoolean() ? answer
                : throw new RpcException(answer.GetProperty("error").Deserialize(ClientJson.Default.Problem)!,
                    answer);
        }
        finally
        {
            waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Opens a terminal (<c>pty.open</c>) or attaches to one (<c>pty.attach</c>). What it shows goes
    /// to <paramref name="onOutput"/>, piece by piece: the next is not asked for before the last is
    /// taken.</summary>
    public async Task<RemoteTerminal> TerminalAsync(string op, JsonObject members,
        Func<ReadOnlyMemory<byte>, ValueTask> onOutput, CancellationToken cancel = default)
    {
        members["acks"] = true;
        var terminal = new RemoteTerminal(this, onOutput);
        // frames may follow the answer at once: the reader binds the channel before it reads them
        await CallAsync(op, members, new Waiting(null, terminal), cancel);
        return terminal;
    }

    public async ValueTask DisposeAsync()
    {
        if (socket.State == WebSocketState.Open)
        {
            try
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
                await reading.WaitAsync(limit.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                // it ends the hard way
            }
        }
        await stop.CancelAsync();
        await reading;
        socket.Dispose();
        messages.Dispose();
        stop.Dispose();
    }

    /// <summary>Cuts the connection off, as a network does.</summary>
    public void Abort() => socket.Abort();

    internal ValueTask SendAsync(ReadOnlyMemory<byte> frame) => messages.SendAsync(frame, binary: true);

    private async Task SealAsync(string? pinned)
    {
        using var handshake = SealedHandshake.Begin();
        await messages.SendAsync(Encoding.UTF8.GetBytes(new JsonObject
        {
            ["op"] = "e2e.hello",
            ["key"] = Base64Url.EncodeToString(handshake.Point),
            ["nonce"] = Base64Url.EncodeToString(handshake.Nonce),
        }.ToJsonString()), false);
        var reply = await messages.ReceiveAsync() is { Binary: false } message
            ? JsonElement.Parse(message.Bytes.Span)
            : throw new MessageSocketException(tooBig: false);
        ServerKey = reply.GetProperty("server_key").GetString()!;
        if (pinned is not null && pinned != ServerKey)
        {
            throw new RpcException(new Problem(null, "The server is not the one that was paired with", 400,
                "the server's key is not the one of the pairing", "AEGIS6324"), reply);
        }
        messages.Seal(handshake.Finish(Base64Url.DecodeFromChars(ServerKey),
            Base64Url.DecodeFromChars(reply.GetProperty("key").GetString()),
            Base64Url.DecodeFromChars(reply.GetProperty("nonce").GetString()))
            ?? throw new MessageSocketException(tooBig: false));
    }

    private async Task ReadAsync()
    {
        Exception? why = null;
        try
        {
            while (await messages.ReceiveAsync() is { } message)
            {
                if (message.Binary)
                {
                    await FrameAsync(message.Bytes);
                }
                else
                {
                    await TextAsync(JsonElement.Parse(message.Bytes.Span));
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException
            or MessageSocketException or IOException or JsonException)
        {
            why = e;
        }
        var gone = new IOException($"the connection ended: {CloseReason ?? why?.Message}", why);
        foreach (var one in waiting.Values)
        {
            one.Answer.TrySetException(gone);
        }
        foreach (var terminal in terminals.Values)
        {
            terminal.Lost();
        }
    }

    private async ValueTask TextAsync(JsonElement message)
    {
        if (message.TryGetProperty("event", out var what))
        {
            if (terminals.TryGetValue(message.GetProperty("channel").GetUInt32(), out var of))
            {
                of.Tell(what.GetString()!, message);
            }
            return;
        }
        if (!message.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number
            || !waiting.TryGetValue(id.GetInt64(), out var one))
        {
            return;
        }
        if (!message.TryGetProperty("ok", out var ok))
        {
            await (one.OnStream?.Invoke(message) ?? ValueTask.CompletedTask);
            return;
        }
        if (ok.GetBoolean() && one.Terminal is { } terminal)
        {
            terminal.Begin(message);
            terminals[message.GetProperty("channel").GetUInt32()] = terminal;
        }
        one.Answer.TrySetResult(message);
    }

    private ValueTask FrameAsync(ReadOnlyMemory<byte> bytes) =>
        TerminalFrame.Read(bytes.Span) is { Kind: TerminalFrame.Output } frame
        && terminals.TryGetValue(frame.Channel, out var terminal)
            ? terminal.ShowAsync(frame, bytes[TerminalFrame.HeaderBytes..])
            : ValueTask.CompletedTask;

    private static Uri Address(Uri server) => new UriBuilder(server)
    {
        Scheme = server.Scheme is "https" or "wss" ? "wss" : "ws",
        Path = server.AbsolutePath is "/" or "" ? "/v1/rpc" : server.AbsolutePath,
    }.Uri;

    private sealed record Waiting(Func<JsonElement, ValueTask>? OnStream, RemoteTerminal? Terminal)
    {
        public TaskCompletionSource<JsonElement> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
