using System.Collections.Concurrent;
using System.Net.WebSockets;
using Aegis.Core.Errors;
using Aegis.Sealing;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs.Sockets;

namespace Aegis.Server.Rpc;

/// <summary>
/// One connection of <c>/v1/rpc</c>. 1. a sealed one agrees on keys; 2. it says who it is, or was let in with
/// a key; 3. messages are read one by one: what is typed goes on at once, a call runs beside the reading, so
/// that a long one holds up nothing; 4. the first to end says why it is closed. A key that was revoked ends
/// it within a heartbeat.
/// </summary>
internal sealed class RpcSession : IAsyncDisposable
{
    private readonly WebSocket socket;
    private readonly CancellationTokenSource stop;
    private readonly ConcurrentDictionary<Task, byte> calls = new();
    private readonly RpcOps ops;
    private IDisposable? nameless;
    private IDisposable? place;
    private string? token;
    private int running;

    public RpcSession(HttpContext http, DoorParts parts, WebSocket socket, IDisposable? nameless)
    {
        (Http, Parts, this.socket, this.nameless) = (http, parts, socket, nameless);
        stop = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, parts.Readiness.Stopping);
        Wire = new RpcWire(socket, stop.Token);
        Terminals = new RpcTerminals(this);
        ops = new RpcOps(this);
        token = Credentials.Read(http);
    }

    public HttpContext Http { get; }

    public DoorParts Parts { get; }

    public RpcWire Wire { get; }

    public RpcTerminals Terminals { get; }

    /// <summary>Cancelled when the connection ends.</summary>
    public CancellationToken Stopping => stop.Token;

    /// <summary>What asks to be paired here; null before.</summary>
    public PairingState? Pairing { get; set; }

    /// <summary>From now on this connection is somebody's.</summary>
    public void Become(Caller caller, string key)
    {
        token = key;
        Credentials.Hold(Http, key);
        Http.SetCaller(caller);
        Settle();
    }

    /// <summary>It counts as its project's from now on.</summary>
    public void Settle()
    {
        place ??= Parts.OpenStreams.Take(Http.ProjectKeys());
        Interlocked.Exchange(ref nameless, null)?.Dispose();
    }

    public async Task RunAsync(bool isSealed)
    {
        try
        {
            if (Http.Caller().Keys is not null)
            {
                Settle();
            }
        }
        catch (AegisException)
        {
            await CloseAsync(SocketEnd.TooMany, null);
            return;
        }
        using var watching = new CancellationTokenSource();
        var keeping = KeepAsync(watching.Token);
        var reading = ReadAsync(isSealed);
        var end = await await Task.WhenAny(reading, keeping);
        await watching.CancelAsync();
        await CloseAsync(end, reading.IsCompleted ? null : reading);
    }

    /// <summary>Carries a call out beside the reading of further messages.</summary>
    public void Begin(RpcReply reply, Func<CancellationToken, Task> call)
    {
        if (Interlocked.Increment(ref running) > DoorLimits.RpcCallsMax)
        {
            Interlocked.Decrement(ref running);
            throw new AegisException(RpcErrors.TooManyCalls(DoorLimits.RpcCallsMax));
        }
        var task = Task.Run(async () =>
        {
            try
            {
                await AnsweringAsync(reply, () => call(stop.Token));
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }, CancellationToken.None);
        Track(task);
    }

    /// <summary>Waits for it when the connection ends.</summary>
    public void Track(Task task)
    {
        calls[task] = 0;
        _ = task.ContinueWith(done => calls.TryRemove(done, out _), TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(calls.Keys.Select(c => c.ContinueWith(_ => { }, TaskScheduler.Default)));
        Terminals.Dispose();
        Wire.Dispose();
        place?.Dispose();
        nameless?.Dispose();
        stop.Dispose();
    }

    /// <summary>Null where nobody is there to read why.</summary>
    private async Task<SocketEnd?> ReadAsync(bool isSealed)
    {
        try
        {
            if (isSealed)
            {
                await RpcSeal.AgreeAsync(this);
            }
            while (await Wire.ReceiveAsync() is { } frame)
            {
                await TakeAsync(frame);
            }
            return SocketEnd.ClientLeft;
        }
        catch (RpcBrokenException e)
        {
            return e.End;
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            return Parts.Readiness.Stopping.IsCancellationRequested ? SocketEnd.ServerStops : null;
        }
    }

    private async ValueTask TakeAsync(SocketMessage frame)
    {
        if (frame.Binary)
        {
            await Terminals.TakeAsync(frame.Bytes);
            return;
        }
        var reply = new RpcReply(Wire, RpcForm.Op, null);
        await AnsweringAsync(reply, async () =>
        {
            var message = RpcMessage.Read(frame.Bytes.Span);
            reply = new RpcReply(Wire, message.Form, message.Id);
            await AnsweringAsync(reply, () => ops.DoAsync(message, reply));
        });
    }

    private static async Task AnsweringAsync(RpcReply reply, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (AegisException e)
        {
            await reply.FailedAsync(e.Error);
        }
        catch (Engine.WorkflowRejectedException e)
        {
            await reply.FailedAsync(e.Diagnostics[0].Error);
        }
    }

    /// <summary>Ends the connection where it stays nameless, or its key is valid no more.</summary>
    private async Task<SocketEnd?> KeepAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(DoorLimits.RpcNamelessMax, Parts.Time, cancel);
            if (Http.Caller().Keys is null)
            {
                return RpcEnd.Nameless;
            }
            using var beat = new PeriodicTimer(DoorLimits.Heartbeat, Parts.Time);
            while (await beat.WaitForNextTickAsync(cancel))
            {
                if (!await IsValidAsync(cancel))
                {
                    return SocketEnd.KeyGone;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the reading has ended
        }
        return null;
    }

    /// <summary>Before each call: the key may have been revoked since the last.</summary>
    public async ValueTask RequireKeyAsync()
    {
        if (!await IsValidAsync(stop.Token))
        {
            throw new AegisException(DoorErrors.NoIdentity);
        }
    }

    private async ValueTask<bool> IsValidAsync(CancellationToken cancel) => token is not null
        && (PairingToken.Read(token) is { } offer
            ? await Parts.Tenants.FindOfferAsync(offer.OfferId, offer.Sha256, cancel) is not null
            : await Parts.Keys.FindAsync(token, cancel) is not null);

    /// <param name="reading">What reads still, if anything does.</param>
    private async Task CloseAsync(SocketEnd? end, Task? reading)
    {
        using var limit = new CancellationTokenSource(DoorLimits.SocketCloseMax, Parts.Time);
        try
        {
            if (end is not null && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(end!.Code, end.Reason, limit.Token);
            }
            await (reading?.WaitAsync(limit.Token) ?? DrainAsync(limit.Token));
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

    private async Task DrainAsync(CancellationToken cancel)
    {
        var rest = new byte[4096];
        while (socket.State is WebSocketState.Open or WebSocketState.CloseSent
            && (await socket.ReceiveAsync(rest.AsMemory(), cancel)).MessageType
                != WebSocketMessageType.Close)
        {
            // unread
        }
    }
}
