using System.Net.WebSockets;
using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs.Sockets;

/// <summary>
/// One open WebSocket. Two loops: one sends events and logs, one reads commands and answers each before it
/// reads the next, so that nothing gathers. The first to end says why the socket is closed; the close is sent
/// while the other still reads, because cancelling a read of a WebSocket breaks the connection off.
/// </summary>
internal sealed class RunSocket(HttpContext http, DoorParts parts, WebSocket socket, EventFollower follower)
    : IDisposable
{
    private readonly CancellationTokenSource sending =
        CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, parts.Readiness.Stopping);

    private readonly Lock gate = new();
    private SocketWriter writer = null!;
    private SocketLogs logs = null!;
    private CancellationTokenSource? waiting;
    private int? seek;

    public void Dispose()
    {
        sending.Dispose();
        writer?.Dispose();
        logs?.Dispose();
    }

    /// <summary>Closes a socket that never begins.</summary>
    public Task RefuseAsync(SocketEnd end) => CloseAsync(end, DrainAsync());

    public async Task RunAsync(EventPage first, int after, bool withLogs)
    {
        writer = new SocketWriter(socket, sending.Token);
        logs = new SocketLogs(http, parts, writer, sending.Token);
        var reading = ReadAsync();
        var writing = WriteAsync(first, after, withLogs);
        var end = await (await Task.WhenAny(reading, writing));
        if (end is null)
        {
            socket.Abort();
        }
        else
        {
            await CloseAsync(end, reading.IsCompleted ? DrainAsync() : reading);
        }
        await sending.CancelAsync();
        await Task.WhenAll(reading, writing);
    }

    /// <summary>From now on events after that version; logs on or off where it says so.</summary>
    public async ValueTask SubscribeAsync(int? after, bool? withLogs)
    {
        if (withLogs is { } wanted)
        {
            await logs.TurnAsync(wanted);
        }
        if (after is { } version)
        {
            lock (gate)
            {
                seek = version;
                waiting?.Cancel();
            }
        }
    }

    /// <summary>Null where nobody is there to read why.</summary>
    private async Task<SocketEnd?> WriteAsync(EventPage page, int after, bool withLogs)
    {
        try
        {
            await logs.TurnAsync(withLogs);
            while (true)
            {
                foreach (var fact in page.Events)
                {
                    await writer.SendAsync(EventWriter.One(fact));
                    logs.Saw(fact);
                    after = fact.Version;
                }
                if (page is { Ended: true, More: false } && seek is null)
                {
                    await logs.EndAsync();
                    return SocketEnd.RunEnded;
                }
                after = await NextAsync(page.More, after);
                page = await follower.PageAsync(after, DoorLimits.StreamPage, sending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return parts.Readiness.Stopping.IsCancellationRequested ? SocketEnd.ServerStops : null;
        }
        catch (AegisException e)
        {
            return EndOf(e);
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    /// <summary>Waits for news where there is no more yet; the version to go on from.</summary>
    private async ValueTask<int> NextAsync(bool more, int after)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(sending.Token);
        lock (gate)
        {
            if (seek is { } asked)
            {
                seek = null;
                return asked;
            }
            waiting = wait;
        }
        try
        {
            if (!more)
            {
                await follower.NewsAsync(after, DoorLimits.Heartbeat, wait.Token);
            }
        }
        catch (OperationCanceledException) when (!sending.IsCancellationRequested)
        {
            // somebody subscribed anew
        }
        lock (gate)
        {
            waiting = null;
            (var next, seek) = (seek ?? after, null);
            return next;
        }
    }

    private async Task<SocketEnd?> ReadAsync()
    {
        var commands = new SocketCommands(http, parts, this);
        var buffer = new byte[DoorLimits.SocketMessageBytesMax];
        var filled = 0;
        try
        {
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(filled), http.RequestAborted);
                filled += read.Count;
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    return SocketEnd.ClientLeft;
                }
                if (read.MessageType == WebSocketMessageType.Binary)
                {
                    return SocketEnd.TextOnly;
                }
                if (read.EndOfMessage)
                {
                    await follower.RequireKeyAsync(sending.Token);
                    await writer.SendAsync(await commands.AnswerAsync(buffer.AsMemory(0, filled)));
                    filled = 0;
                }
                else if (filled == buffer.Length)
                {
                    return SocketEnd.TooBig;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            return null;
        }
        catch (AegisException e)
        {
            return EndOf(e);
        }
    }

    private static SocketEnd EndOf(AegisException e) =>
        e.Error.Code == DoorErrors.NoIdentity.Code ? SocketEnd.KeyGone : SocketEnd.Failed;

    private async Task CloseAsync(SocketEnd end, Task reading)
    {
        using var limit = new CancellationTokenSource(DoorLimits.SocketCloseMax, parts.Time);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(end.Code, end.Reason, limit.Token);
            }
            await reading.WaitAsync(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // the client is gone or does not answer
        }
        if (socket.State != WebSocketState.Closed)
        {
            socket.Abort();
        }
    }

    /// <summary>Reads on, unread, until the client has closed too.</summary>
    private async Task DrainAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent
                && (await socket.ReceiveAsync(buffer.AsMemory(), http.RequestAborted)).MessageType
                    != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // nobody is there any more
        }
    }
}
