using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate.Terminals;
using Aegis.Sealing;

namespace Aegis.Server.Rpc;

/// <summary>One connection's end of a terminal: as its owner, or watching. Sends what the terminal shows as
/// fast as the client takes it; the tape keeps the program from getting further ahead of the owner than it
/// holds, so nothing gathers here.</summary>
internal sealed class TerminalLink : IDisposable
{
    private readonly RpcWire wire;
    private readonly CancellationTokenSource stop;
    private readonly TerminalSeat? seat;
    private readonly bool acks;
    private readonly long from;

    /// <param name="watch">Looks only.</param>
    /// <param name="acks">The client says itself what it has; else it has what was sent.</param>
    public TerminalLink(RpcWire wire, LiveTerminal terminal, uint channel, long? offset, bool watch,
        bool acks, CancellationToken cancel)
    {
        (this.wire, Terminal, Channel, this.acks) = (wire, terminal, channel, acks);
        seat = watch ? null : terminal.Own(offset);
        from = seat?.From ?? Math.Max(offset ?? 0, terminal.Tape.Oldest);
        stop = seat is null ? CancellationTokenSource.CreateLinkedTokenSource(cancel)
            : CancellationTokenSource.CreateLinkedTokenSource(cancel, seat.Taken);
    }

    public LiveTerminal Terminal { get; }

    public uint Channel { get; }

    public string Session => Terminal.Run.Value;

    /// <summary>The first byte that is sent.</summary>
    public long From => from;

    /// <exception cref="AegisException">AEGIS6316.</exception>
    public LiveTerminal Owned() => seat is { Taken.IsCancellationRequested: false } ? Terminal
        : throw new AegisException(RpcErrors.OnlyWatched(Session));

    public void Detach() => stop.Cancel();

    /// <summary>Sends until the terminal has ended and all of it is sent, or this end leaves it.</summary>
    public async Task PumpAsync()
    {
        try
        {
            var end = await SendAsync();
            await TellAsync("pty.exit", json =>
            {
                WriteCode(json, end);
                json.WriteBoolean("closed", end.Closed);
                json.WriteBoolean("timed_out", end.TimedOut);
                json.WriteNumber("offset", Terminal.Tape.End);
            });
        }
        catch (OperationCanceledException) when (seat is { Taken.IsCancellationRequested: true })
        {
            await TellAsync("pty.taken", _ => { });
        }
        catch (OperationCanceledException)
        {
            // detached
        }
    }

    public void Dispose()
    {
        seat?.Dispose();
        stop.Dispose();
    }

    private async Task<TerminalOutcome> SendAsync()
    {
        var frame = new byte[TerminalFrame.HeaderBytes + DoorLimits.TerminalFrameBytesMax];
        var (at, tape) = (from, Terminal.Tape);
        while (true)
        {
            await tape.WaitAsync(at, stop.Token);
            var next = at;
            var count = tape.Copy(ref next, frame.AsSpan(TerminalFrame.HeaderBytes));
            if (next > at)
            {
                // only a watcher can be overtaken
                await TellAsync("pty.skipped", json =>
                {
                    json.WriteNumber("from", at);
                    json.WriteNumber("to", next);
                });
                at = next;
            }
            if (count == 0)
            {
                if (tape.Ended && at == tape.End)
                {
                    return await Terminal.Ended.WaitAsync(stop.Token);
                }
                continue;
            }
            new TerminalFrame(TerminalFrame.Output, Channel, at).Write(frame);
            stop.Token.ThrowIfCancellationRequested();
            await wire.SendAsync(frame.AsMemory(0, TerminalFrame.HeaderBytes + count), binary: true);
            at += count;
            if (seat is not null && !acks)
            {
                tape.Acknowledge(at);
            }
        }
    }

    private ValueTask TellAsync(string what, Action<Utf8JsonWriter> members) => wire.SendAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("event", what);
        json.WriteString("session", Session);
        json.WriteNumber("channel", Channel);
        members(json);
        json.WriteEndObject();
    });

    private static void WriteCode(Utf8JsonWriter json, TerminalOutcome end)
    {
        if (end.ExitCode is { } code)
        {
            json.WriteNumber("exit_code", code);
        }
        else
        {
            json.WriteNull("exit_code");
        }
    }
}
