namespace Aegis.Cli.Expr;

/// <summary>Cuts a stream into lines without ever holding more than one of them. A line longer than
/// <see cref="LineBytesMax"/> is passed over, and told of in its place.</summary>
internal sealed class BatchLines(Stream input)
{
    /// <summary>Bytes of one line, without its end.</summary>
    public const int LineBytesMax = 1 << 20;

    private readonly byte[] buffer = new byte[LineBytesMax + 1];
    private int from;
    private int to;
    private bool isOver;

    /// <summary>Whether the next line is here already, so that asking for it cannot wait.</summary>
    public bool HasLine => buffer.AsSpan(from, to - from).Contains((byte)'\n');

    /// <returns>False at the end. A line that was too long is null.</returns>
    public bool TryRead(out ReadOnlyMemory<byte>? line)
    {
        var isTooLong = false;
        while (true)
        {
            var length = buffer.AsSpan(from, to - from).IndexOf((byte)'\n');
            if (length < 0 && isOver)
            {
                length = to - from;
                if (length == 0 && !isTooLong)
                {
                    line = null;
                    return false;
                }
            }
            if (length >= 0)
            {
                line = isTooLong ? null : buffer.AsMemory(from, length);
                from = Math.Min(to, from + length + 1);
                return true;
            }
            if (to - from > LineBytesMax)
            {
                isTooLong = true;
                from = to;
            }
            Fill();
        }
    }

    private void Fill()
    {
        if (from > 0)
        {
            buffer.AsSpan(from, to - from).CopyTo(buffer);
            (from, to) = (0, to - from);
        }
        var read = input.Read(buffer, to, buffer.Length - to);
        to += read;
        isOver = read == 0;
    }
}
