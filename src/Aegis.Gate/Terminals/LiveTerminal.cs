using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate.Redaction;
using Aegis.Processes;

namespace Aegis.Gate.Terminals;

/// <summary>
/// A terminal that people can sit in front of. One owner types, resizes and is waited for; watchers only
/// look. A thread of its own reads the program's side, because it is read tens of thousands of times a second
/// at full speed: 1. read what is there; 2. redact; 3. put it on the tape, which waits for the owner; 4. when
/// there is nothing more, give out what redaction held back and wait. Connections come and go: the terminal
/// lives until its program ends, it is closed, or nobody owned it for <see cref="DetachedMax"/>.
/// </summary>
public sealed class LiveTerminal : IDisposable
{
    /// <summary>How long a terminal lives without an owner.</summary>
    public static readonly TimeSpan DetachedMax = TimeSpan.FromHours(1);

    private const int ReadBytes = 160 * 1024;
    private const int PassBytes = 128 * 1024;

    /// <summary>A read of so many is no echo of a key: a moment is waited for more.</summary>
    private const int BulkBytes = 1024;

    private const int BulkPauseMs = 1;
    private readonly Lock seating = new();
    private readonly SemaphoreSlim typing = new(1);
    private readonly CancellationTokenSource closing;
    private readonly TaskCompletionSource<TerminalOutcome> ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ITimer abandoned;
    private readonly Asciicast? recording;
    private PtyEnd? pty;
    private TerminalSeat? owner;
    private long typed;

    internal LiveTerminal(CallContext context, TerminalOrder order, TimeProvider time, Asciicast? recording,
        CancellationTokenSource closing)
    {
        (Run, Tenancy, Actor) = (context.Run, context.Principal.Tenancy, context.Principal.Actor);
        (Line, Size, OpenedAt) = (order.Line, order.Size, time.GetUtcNow());
        (this.recording, this.closing) = (recording, closing);
        abandoned = time.CreateTimer(_ => Close(), null, DetachedMax, Timeout.InfiniteTimeSpan);
    }

    public RunId Run { get; }

    public Tenancy Tenancy { get; }

    public string Actor { get; }

    public string Line { get; }

    public DateTimeOffset OpenedAt { get; }

    public PtySize Size { get; private set; }

    public TerminalTape Tape { get; } = new();

    /// <summary>Completes when the program has ended; output may still be unread.</summary>
    public Task<TerminalOutcome> Ended => ended.Task;

    /// <summary>Bytes of input that were taken.</summary>
    public long Typed => Volatile.Read(ref typed);

    public bool IsOwned
    {
        get
        {
            lock (seating)
            {
                return owner is not null;
            }
        }
    }

    /// <summary>Becomes the owner, from a byte on; who owned it before is told so. Null for the oldest byte
    /// that is here.</summary>
    /// <exception cref="AegisException">AEGIS6311: that byte is gone.</exception>
    public TerminalSeat Own(long? from)
    {
        lock (seating)
        {
            var at = from ?? Tape.Oldest;
            if (!Tape.Hold(at))
            {
                throw new AegisException(TerminalErrors.Gone(at, Tape.Oldest, Tape.End));
            }
            owner?.Take();
            owner = new TerminalSeat(this, at);
            abandoned.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return owner;
        }
    }

    /// <summary>Types bytes. With an offset, what was taken already (before a connection was lost) is left
    /// out, so nothing is typed twice. Waits where the program does not read.</summary>
    /// <exception cref="AegisException">AEGIS6312: bytes before these are missing; AEGIS6313: it has
    /// ended.</exception>
    public async ValueTask TypeAsync(ReadOnlyMemory<byte> bytes, long? offset, CancellationToken cancel)
    {
        await typing.WaitAsync(cancel);
        try
        {
            if (offset is { } at)
            {
                if (at > typed)
                {
                    throw new AegisException(TerminalErrors.InputGap(typed, at));
                }
                bytes = bytes[(int)Math.Min(bytes.Length, typed - at)..];
            }
            while (bytes.Length > 0)
            {
                var written = pty is null || ended.Task.IsCompleted ? -1 : pty.Write(bytes.Span);
                if (written < 0)
                {
                    throw new AegisException(TerminalErrors.Ended(Run.Value));
                }
                bytes = bytes[written..];
                Volatile.Write(ref typed, typed + written);
                if (written == 0)
                {
                    var end = pty!;
                    await Task.Run(() => end.WaitWritable(cancel), cancel);
                }
            }
        }
        finally
        {
            typing.Release();
        }
    }

    /// <exception cref="AegisException">AEGIS6315: no such size.</exception>
    public void Resize(PtySize size)
    {
        if (size.Columns is < 1 or > PtySize.Max || size.Rows is < 1 or > PtySize.Max)
        {
            throw new AegisException(TerminalErrors.Size(size.Columns, size.Rows));
        }
        lock (seating)
        {
            if (pty is not null && !ended.Task.IsCompleted)
            {
                pty.Resize(size);
                Size = size;
                recording?.Resize(size);
            }
        }
    }

    /// <summary>Ends the program with all that it started.</summary>
    public void Close()
    {
        Tape.LetGo();
        try
        {
            closing.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // it has ended by itself
        }
    }

    public void Dispose()
    {
        abandoned.Dispose();
        typing.Dispose();
    }

    internal void Leave(TerminalSeat seat)
    {
        lock (seating)
        {
            if (owner == seat)
            {
                owner = null;
                abandoned.Change(DetachedMax, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Reads the program's side to its end, on a thread of its own.</summary>
    internal Task ReadAsync(Pty terminal, Redactor redactor)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pty = terminal.TakeEnd();
        pty.Resize(Size);
        new Thread(() =>
        {
            try
            {
                Read(pty, redactor);
                read.SetResult();
            }
            catch (Exception e)
            {
                read.SetException(e);
            }
        })
        { IsBackground = true, Name = "aegis-terminal" }.Start();
        return read.Task;
    }

    /// <summary>Nothing is typed any more, and readers find the end behind the last byte.</summary>
    internal async ValueTask EndAsync(TerminalOutcome outcome)
    {
        ended.TrySetResult(outcome);
        Tape.Complete();
        await typing.WaitAsync();
        lock (seating)
        {
            pty?.Dispose();
            pty = null;
        }
        typing.Release();
    }

    private void Read(PtyEnd from, Redactor redactor)
    {
        var buffer = new byte[ReadBytes];
        var clean = new RedactingWriter(redactor, bytes =>
        {
            Tape.Append(bytes);
            recording?.Add(bytes);
        });
        var filled = 0;
        for (int read; (read = from.Read(buffer.AsSpan(filled))) != 0;)
        {
            filled += Math.Max(read, 0);
            // much output comes in pieces of 4 KiB, and is passed on in fewer and larger ones
            if (read >= BulkBytes && filled < PassBytes)
            {
                continue;
            }
            if (read < 0 && filled > 0 && from.WaitReadable(BulkPauseMs))
            {
                continue;
            }
            clean.Write(buffer.AsSpan(0, filled));
            filled = 0;
            if (read < 0)
            {
                clean.Rest();
                recording?.Cut();
                from.WaitReadable();
            }
        }
        clean.Write(buffer.AsSpan(0, filled));
        clean.Flush();
        recording?.Cut();
    }
}
