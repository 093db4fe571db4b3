using System.Buffers;

namespace Aegis.Models.Protocols.Streams;

/// <summary>Cuts a stream of server-sent events into whole ones. Half an event never gets out, so that a
/// stream that breaks within one can be gone on with. Lines end with LF or CRLF, as all providers have
/// it.</summary>
public sealed class EventReader(Stream source) : IDisposable
{
    private const int StartBytes = 16 * 1024;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(StartBytes);
    private int _start;
    private int _scanned;
    private int _end;
    private bool _isOver;

    /// <summary>Reads on until at least one more event may be whole.</summary>
    /// <returns>False at the stream's end.</returns>
    /// <exception cref="InvalidDataException">An event is longer than the limit.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancel)
    {
        if (_isOver)
        {
            return false;
        }
        MakeRoom();
        var read = await source.ReadAsync(_buffer.AsMemory(_end), cancel);
        _end += read;
        if (read == 0)
        {
            _isOver = true;
            return EndMark();
        }
        return true;
    }

    public bool TryNext(out ServerEvent next)
    {
        while (_buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n') is >= 0 and var length)
        {
            var line = _buffer.AsSpan(_scanned, length);
            _scanned += length + 1;
            if (line.IsEmpty || (line.Length == 1 && line[0] == '\r'))
            {
                var raw = _buffer.AsMemory(_start, _scanned - _start);
                _start = _scanned;
                next = new(raw, Data(raw));
                return true;
            }
        }
        next = default;
        return false;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _isOver = true;
        _start = _scanned = _end = 0;
    }

    // some servers hang up right behind the word that ends the stream
    private bool EndMark()
    {
        var rest = _buffer.AsSpan(_start, _end - _start).TrimEnd("\r\n"u8);
        if (!rest.SequenceEqual("data: [DONE]"u8))
        {
            return false;
        }
        "data: [DONE]\n\n"u8.CopyTo(Room(16));
        _end = _start + 14;
        _scanned = _start;
        return true;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _start < bytes)
        {
            MakeRoom();
        }
        return _buffer.AsSpan(_start);
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _scanned -= _start;
            _end -= _start;
            _start = 0;
        }
        if (_end < _buffer.Length)
        {
            return;
        }
        if (_end >= ProtocolLimits.EventBytesMax)
        {
            throw new InvalidDataException("an event of the stream is longer than the limit");
        }
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_buffer.Length * 2, ProtocolLimits.EventBytesMax));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private static ReadOnlyMemory<byte> Data(ReadOnlyMemory<byte> raw)
    {
        ReadOnlyMemory<byte> data = default;
        for (var rest = raw; !rest.IsEmpty;)
        {
            var length = rest.Span.IndexOf((byte)'\n');
            var line = rest[..length];
            rest = rest[(length + 1)..];
            if (line.Span.EndsWith("\r"u8))
            {
                line = line[..^1];
            }
            if (line.Span.StartsWith("data:"u8))
            {
                var value = line.Length > 5 && line.Span[5] == ' ' ? line[6..] : line[5..];
                data = data.IsEmpty ? value : (byte[])[.. data.Span, (byte)'\n', .. value.Span];
            }
        }
        return data;
    }
}
