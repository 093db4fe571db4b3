namespace Aegis.Gate.Terminals;

/// <summary>
/// What a terminal shows, as one stream of bytes in a ring; each byte has its offset from the terminal's
/// start. What its owner has not acknowledged is never overwritten: when the ring is full of that, the
/// program waits, so a lost connection or a slow client costs no byte and no memory. Rejected: dropping the
/// oldest (a build's first error is the one that matters), and a file (the reader of a screen wants the last
/// megabyte, and whoever wants all of it records). Watchers hold nothing up: what one is too slow for it
/// misses, and is told how much. One writer, any number of readers.
/// </summary>
public sealed class TerminalTape
{
    /// <summary>Bytes that are kept, and that a program can be ahead of its owner.</summary>
    public const int BytesMax = 1024 * 1024;

    private readonly object gate = new();
    private readonly byte[] ring = new byte[BytesMax];
    private TaskCompletionSource? waiting;
    private long end;
    private long claimed;
    private long held;
    private bool ended;
    private bool loose;

    /// <summary>Bytes that were shown.</summary>
    public long End
    {
        get
        {
            lock (gate)
            {
                return end;
            }
        }
    }

    /// <summary>The first byte that is still here.</summary>
    public long Oldest
    {
        get
        {
            lock (gate)
            {
                return OldestNow;
            }
        }
    }

    /// <summary>No more bytes will come.</summary>
    public bool Ended
    {
        get
        {
            lock (gate)
            {
                return ended;
            }
        }
    }

    private long OldestNow => Math.Max(0, claimed - BytesMax);

    /// <summary>Adds bytes; waits for room where the owner is behind. It blocks its thread: a terminal has
    /// one of its own.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int room;
            long at;
            lock (gate)
            {
                while (!loose && end - held == BytesMax)
                {
                    Monitor.Wait(gate);
                }
                if (loose)
                {
                    return;
                }
                room = (int)Math.Min(bytes.Length, held + BytesMax - end);
                at = end;
                claimed = end + room;
            }
            Store(bytes[..room], at);
            Grow(room);
            bytes = bytes[room..];
        }
    }

    /// <summary>The program has ended: readers find the end behind the last byte.</summary>
    public void Complete()
    {
        TaskCompletionSource? woken;
        lock (gate)
        {
            ended = true;
            (woken, waiting) = (waiting, null);
        }
        woken?.TrySetResult();
    }

    /// <summary>Nobody is to read any more: what comes is thrown away, so that the program can end.</summary>
    public void LetGo()
    {
        lock (gate)
        {
            loose = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>From here on nothing is overwritten; false where that byte is gone or was never
    /// shown.</summary>
    public bool Hold(long from)
    {
        lock (gate)
        {
            if (from < OldestNow || from > end)
            {
                return false;
            }
            held = from;
            Monitor.PulseAll(gate);
            return true;
        }
    }

    /// <summary>The owner has everything before this offset; false for one that was never shown.</summary>
    public bool Acknowledge(long offset)
    {
        lock (gate)
        {
            if (offset > end)
            {
                return false;
            }
            if (offset > held)
            {
                held = offset;
                Monitor.PulseAll(gate);
            }
            return true;
        }
    }

    /// <summary>Completes when there are bytes from an offset on, or the end.</summary>
    public ValueTask WaitAsync(long from, CancellationToken cancel)
    {
        lock (gate)
        {
            if (end > from || ended)
            {
                return ValueTask.CompletedTask;
            }
            waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(waiting.Task.WaitAsync(cancel));
        }
    }

    /// <summary>Copies bytes from an offset on; 0 where there are none yet.</summary>
    /// <param name="from">Moved to the oldest byte where it is gone.</param>
    public int Copy(ref long from, Span<byte> into)
    {
        lock (gate)
        {
            from = Math.Max(from, OldestNow);
            var count = (int)Math.Min(into.Length, end - from);
            var at = (int)(from % BytesMax);
            var head = Math.Min(count, BytesMax - at);
            ring.AsSpan(at, head).CopyTo(into);
            ring.AsSpan(0, count - head).CopyTo(into[head..]);
            return count;
        }
    }

    private void Store(ReadOnlySpan<byte> bytes, long offset)
    {
        var at = (int)(offset % BytesMax);
        var head = Math.Min(bytes.Length, BytesMax - at);
        bytes[..head].CopyTo(ring.AsSpan(at));
        bytes[head..].CopyTo(ring);
    }

    private void Grow(int by)
    {
        TaskCompletionSource? woken;
        lock (gate)
        {
            end += by;
            (woken, waiting) = (waiting, null);
        }
        woken?.TrySetResult();
    }
}
