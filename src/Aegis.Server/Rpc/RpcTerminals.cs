using System.Collections.Concurrent;
using Aegis.Core.Errors;
using Aegis.Gate.Terminals;
using Aegis.Sealing;
using Aegis.Server.Problems;

namespace Aegis.Server.Rpc;

/// <summary>The terminals that one connection is attached to, by channel and by session.</summary>
internal sealed class RpcTerminals(RpcSession session) : IDisposable
{
    private readonly ConcurrentDictionary<uint, TerminalLink> links = new();
    private int channels;

    /// <exception cref="AegisException">AEGIS6322, AEGIS6311.</exception>
    public TerminalLink Attach(LiveTerminal terminal, long? offset, bool watch, bool acks)
    {
        if (links.Count >= DoorLimits.RpcTerminalsMax)
        {
            throw new AegisException(RpcErrors.TooManyCalls(DoorLimits.RpcTerminalsMax));
        }
        var channel = (uint)Interlocked.Increment(ref channels);
        return links[channel] =
            new TerminalLink(session.Wire, terminal, channel, offset, watch, acks, session.Stopping);
    }

    /// <summary>Begins to send what an attached terminal shows.</summary>
    public void Start(TerminalLink link) => session.Track(Task.Run(async () =>
    {
        try
        {
            await link.PumpAsync();
        }
        catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or OperationCanceledException)
        {
            // the connection is gone; the terminal is not
        }
        finally
        {
            links.TryRemove(link.Channel, out _);
            link.Dispose();
        }
    }));

    /// <summary>The newest link of this connection to a session.</summary>
    public TerminalLink Find(string id) =>
        links.Values.Where(l => l.Session == id).MaxBy(l => l.Channel)
        ?? throw new AegisException(DoorErrors.NotFound("terminal on this connection", id));

    /// <summary>A binary message.</summary>
    public async ValueTask TakeAsync(ReadOnlyMemory<byte> message)
    {
        if (TerminalFrame.Read(message.Span) is not { Kind: TerminalFrame.Input or TerminalFrame.Ack } frame)
        {
            await FailAsync(RpcErrors.Malformed("a binary message is no frame of a terminal",
                $"kind {TerminalFrame.Input} or {TerminalFrame.Ack}, channel, offset, bytes"));
            return;
        }
        if (!links.TryGetValue(frame.Channel, out var link))
        {
            // it may have ended while this was on its way
            return;
        }
        try
        {
            if (frame.Kind == TerminalFrame.Ack)
            {
                Acknowledge(link, frame.Offset);
            }
            else
            {
                await link.Owned().TypeAsync(
                    message[TerminalFrame.HeaderBytes..], frame.Offset, session.Stopping);
            }
        }
        catch (AegisException e)
        {
            await FailAsync(e.Error);
        }
    }

    public void Acknowledge(TerminalLink link, long offset)
    {
        var tape = link.Owned().Tape;
        if (offset < 0 || !tape.Acknowledge(offset))
        {
            throw new AegisException(TerminalErrors.Gone(offset, tape.Oldest, tape.End));
        }
    }

    public void Dispose()
    {
        foreach (var link in links.Values)
        {
            link.Dispose();
        }
    }

    private ValueTask FailAsync(AegisError error) =>
        new RpcReply(session.Wire, RpcForm.Op, null).FailedAsync(error);
}
