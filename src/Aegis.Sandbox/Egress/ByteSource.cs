namespace Aegis.Sandbox.Egress;

/// <summary>A stream read by heads, lines and bytes: what was read too far for one is there for the
/// next.</summary>
internal sealed class ByteSource(Stream stream)
{
    private readonly byte[] buffer = new byte[HttpHead.BytesMax];
    private int from;
    private int until;

    /// <summary>Whether nothing was read that is not taken yet.</summary>
    public bool IsEmpty => from == until;

    /// <summary>A head with its empty line; null where the stream ended before it began.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> HeadAsync(
        Func<string, string, EgressRefusedException> malformed, CancellationToken cancel)
    {
        var seen = 0;
        while (true)
        {
            var end = buffer.AsSpan(from, until - from).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return Take(end + 4);
            }
            RequireCrLf(seen, malformed);
            seen = until - from;
            if (seen == buffer.Length)
            {
                throw EgressErrors.HeadTooLarge("the head", $"at most {HttpHead.BytesMax} bytes");
            }
            if (!await FillAsync(cancel))
            {
                return seen == 0 ? null : throw malformed("it breaks off", "a whole head");
            }
        }
    }

    /// <summary>A line without its CR LF.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> LineAsync(int bytesMax,
        Func<string, string, EgressRefusedException> malformed, CancellationToken cancel)
    {
        while (true)
        {
            var end = buffer.AsSpan(from, until - from).IndexOf("\r\n"u8);
            if (end >= 0 && end <= bytesMax)
            {
                return Take(end + 2)[..end];
            }
            if (end > bytesMax || until - from > bytesMax + 1)
            {
                throw malformed("a line of the body is too long", $"at most {bytesMax} bytes");
            }
            if (!await FillAsync(cancel))
            {
                throw malformed("the body breaks off", "a whole body");
            }
        }
    }

    /// <summary>0 at the end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancel)
    {
        var held = until - from;
        if (held == 0)
        {
            return stream.ReadAsync(into, cancel);
        }
        var count = Math.Min(held, into.Length);
        buffer.AsMemory(from, count).CopyTo(into);
        from += count;
        return ValueTask.FromResult(count);
    }

    private ReadOnlyMemory<byte> Take(int count)
    {
        var taken = buffer.AsMemory(from, count);
        from += count;
        return taken;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        if (from > 0)
        {
            buffer.AsSpan(from, until - from).CopyTo(buffer);
            (from, until) = (0, until - from);
        }
        var read = await stream.ReadAsync(buffer.AsMemory(until), cancel);
        until += read;
        return read > 0;
    }

    // at once, not when the time for a head is over: a bare LF never ends one
    private void RequireCrLf(int seen, Func<string, string, EgressRefusedException> malformed)
    {
        var fresh = buffer.AsSpan(from, until - from);
        for (var i = seen; i < fresh.Length; i++)
        {
            if (fresh[i] == '\n' && (i == 0 || fresh[i - 1] != '\r'))
            {
                throw malformed("a line feed without CR", "lines that end in CR LF");
            }
        }
    }
}
