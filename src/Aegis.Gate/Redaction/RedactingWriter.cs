namespace Aegis.Gate.Redaction;

// Bytes go through the pattern tree once. What could still be the beginning of a secret is held back, at most
// HeldBytesMax; the rest goes to the sink. Matches are kept as intervals over the held bytes: intervals that
// meet or overlap are one mask, so two secrets that share bytes never leave a piece of either.

/// <summary>The stream form of a <see cref="Redactor"/>: secrets are found across the borders of chunks, and
/// no UTF-8 sequence is split between two calls of the sink. One writer per stream; not thread
/// safe.</summary>
public sealed class RedactingWriter
{
    /// <summary>The most that is held back between two writes.</summary>
    public const int HeldBytesMax = SecretForms.PieceBytesMax + TokenShape.UndecidedBytesMax + Utf8BytesMax;

    private const int SliceBytesMax = 128 * 1024;
    private const int Utf8BytesMax = 4;
    private const uint LineEnds = 0x0A0A0A0A;
    private readonly Redactor _redactor;
    private readonly Action<ReadOnlySpan<byte>> _sink;
    private readonly Func<int, byte> _byteBefore;
    private byte[] _buffer = [];
    private readonly MaskIntervals _masks = new();
    private readonly ShapeScan _shapes;
    private int _held;
    private int _state;
    // the last bytes that left the buffer, the newest lowest
    private uint _past = LineEnds;

    public RedactingWriter(Redactor redactor, Action<ReadOnlySpan<byte>> sink)
    {
        _redactor = redactor;
        _sink = sink;
        _byteBefore = at => at > 0 ? _buffer[at - 1] : (byte)(_past >> (8 * -at));
        _shapes = new ShapeScan(_masks);
    }

    /// <summary>How many masks were written so far.</summary>
    public long Masks { get; private set; }

    /// <summary>Bytes held back now.</summary>
    public int Held => _held;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_redactor.Tree is not { } tree)
        {
            PassThrough(bytes);
            return;
        }
        while (bytes.Length > 0)
        {
            var slice = bytes[..Math.Min(bytes.Length, SliceBytesMax)];
            bytes = bytes[slice.Length..];
            EnsureRoom(_held + slice.Length);
            slice.CopyTo(_buffer.AsSpan(_held));
            var end = _held + slice.Length;
            Scan(tree, _held, end);
            var live = Math.Min(end - tree.Depth(_state), _shapes.UndecidedStart(end));
            Emit(end, Utf8Boundary(_buffer.AsSpan(0, end), Math.Max(0, live)));
        }
    }

    /// <summary>The stream has ended: what was held back comes out.</summary>
    public void Flush()
    {
        Emit(_held, _held);
        _state = 0;
        _masks.Clear();
        _shapes.Reset();
        _past = LineEnds;
    }

    /// <summary>Nothing more comes for now: what is held back leaves where it is no further than two bytes
    /// into a secret, so that who types sees what was typed. What comes later is judged as if it had come at
    /// once; of a secret that was cut there, at most those two bytes were shown.</summary>
    public void Rest()
    {
        if (_held > 0 && _redactor.Tree is { } tree)
        {
            var begun = tree.Pending(_state);
            var live = Math.Min(begun < StartFilter.Bytes ? _held : _held - begun, _shapes.RestStart(_held));
            Emit(_held, Utf8Boundary(_buffer.AsSpan(0, _held), Math.Max(0, live)));
        }
    }

    private void PassThrough(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
        {
            _sink(bytes);
        }
    }

    // Fewer bytes of a pattern than the filter looks at are taken back, and the filter finds where to go on:
    // there or later. From a place that it names so many bytes are read, so each turn gets further.
    private void Scan(PatternTree tree, int from, int end)
    {
        var bytes = _buffer.AsSpan(0, end);
        var sure = from;
        for (var i = from; i < end;)
        {
            // after a rest the beginning of a pattern may have left the buffer: that is stepped through
            if (i >= sure && !_shapes.Any && tree.Depth(_state) is var depth and < StartFilter.Bytes
                && depth <= i)
            {
                i = tree.Starts.Next(bytes, i - depth);
                _state = 0;
                sure = i + StartFilter.Bytes;
            }
            Step(tree, bytes[i], i);
            i++;
        }
    }

    private void Step(PatternTree tree, byte b, int at)
    {
        _state = tree.Next(_state, b);
        if (_shapes.Any)
        {
            _shapes.Step(b, at);
        }
        if (tree.SecretEnding(_state) is var length and > 0)
        {
            _masks.Add(at + 1 - length, at + 1);
        }
        if (tree.AnchorEnding(_state) is var anchor and > 0)
        {
            _shapes.Anchor(anchor, at, _byteBefore);
        }
    }

    // a short text needs no buffer of a whole slice
    private void EnsureRoom(int bytes)
    {
        if (_buffer.Length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(bytes,
                Math.Min(2 * _buffer.Length, HeldBytesMax + SliceBytesMax)));
        }
    }

    // Everything before `limit` leaves: clear bytes as they are, each mask as ***, once.
    private void Emit(int end, int limit)
    {
        var at = 0;
        while (_masks.First is { } mask && mask.Start < limit)
        {
            if (mask.Start > at)
            {
                _sink(_buffer.AsSpan(at, mask.Start - at));
            }
            if (!mask.Written)
            {
                _sink(Redactor.Mask);
                Masks++;
            }
            at = Math.Min(mask.End, limit);
            _masks.ConsumeFirst(limit);
        }
        if (limit > at)
        {
            _sink(_buffer.AsSpan(at, limit - at));
        }
        if (limit > 0)
        {
            for (var i = Math.Max(0, limit - sizeof(uint)); i < limit; i++)
            {
                _past = (_past << 8) | _buffer[i];
            }
            _buffer.AsSpan(limit, end - limit).CopyTo(_buffer);
            _masks.Shift(limit);
            _shapes.Shift(limit);
        }
        _held = end - limit;
    }

    private static int Utf8Boundary(ReadOnlySpan<byte> bytes, int limit)
    {
        for (var back = 1; back <= Utf8BytesMax - 1 && back <= limit; back++)
        {
            var lead = bytes[limit - back];
            if ((lead & 0xC0) == 0x80)
            {
                continue;
            }
            var length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
            return length > back ? limit - back : limit;
        }
        return limit;
    }
}
