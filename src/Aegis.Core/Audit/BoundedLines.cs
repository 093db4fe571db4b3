namespace Aegis.Core.Audit;

/// <summary>Lines of a byte stream, none longer than a bound: a file that is one endless line cannot fill the
/// memory.</summary>
internal sealed class BoundedLines(Stream input, int bytesMax)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>The next line without its line feed; false at the end. Valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The line is longer than the bound.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var feed = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                line = _buffer.AsSpan(_start, _searched + feed - _start);
                _start = _searched = _searched + feed + 1;
                return true;
            }
            _searched = _end;
            if (_end - _start > bytesMax)
            {
                throw new InvalidDataException($"a line has more than {bytesMax} bytes");
            }
            MakeRoom();
            var read = input.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            if (read == 0)
            {
                line = _buffer.AsSpan(_start, _end - _start);
                _start = _searched = _end;
                return line.Length > 0;
            }
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_searched, _end, _start) = (_searched - _start, _end - _start, 0);
        }
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
