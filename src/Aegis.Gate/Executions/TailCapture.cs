using Aegis.Gate.Redaction;

namespace Aegis.Gate;

/// <summary>The redacted end of one channel, at most so many bytes, however much comes.</summary>
public sealed class TailCapture
{
    private readonly int bytesMax;
    private readonly RedactingWriter writer;
    private byte[] ring;
    private int start;
    private int count;

    public TailCapture(Redactor redactor, int bytesMax)
    {
        this.bytesMax = bytesMax;
        ring = new byte[Math.Clamp(bytesMax, 1, 4096)];
        writer = new RedactingWriter(redactor, Keep);
    }

    /// <summary>All bytes that came in, before redaction.</summary>
    public long Total { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Total += bytes.Length;
        writer.Write(bytes);
    }

    /// <summary>Ends the redaction and returns what is kept.</summary>
    public byte[] Finish()
    {
        writer.Flush();
        var kept = new byte[count];
        var head = Math.Min(count, ring.Length - start);
        ring.AsSpan(start, head).CopyTo(kept);
        ring.AsSpan(0, count - head).CopyTo(kept.AsSpan(head));
        return kept;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > bytesMax)
        {
            bytes = bytes[^bytesMax..];
        }
        Grow(bytes.Length);
        var over = Math.Max(0, count + bytes.Length - ring.Length);
        start = (start + over) % ring.Length;
        count -= over;
        var at = (start + count) % ring.Length;
        var first = Math.Min(bytes.Length, ring.Length - at);
        bytes[..first].CopyTo(ring.AsSpan(at));
        bytes[first..].CopyTo(ring);
        count += bytes.Length;
    }

    private void Grow(int more)
    {
        var wanted = Math.Min(bytesMax, count + more);
        if (wanted <= ring.Length)
        {
            return;
        }
        var larger = new byte[Math.Min(bytesMax, Math.Max(wanted, ring.Length * 2))];
        var head = Math.Min(count, ring.Length - start);
        ring.AsSpan(start, head).CopyTo(larger);
        ring.AsSpan(0, count - head).CopyTo(larger.AsSpan(head));
        (ring, start) = (larger, 0);
    }
}
