using Aegis.Gate.Redaction;

namespace Aegis.Gate;

/// <summary>The redacted end of one channel, at most so many bytes, however much comes.</summary>
internal sealed class TailCapture
{
    private readonly int bytesMax;
    private readonly RedactingWriter writer;
    private byte[] ring = new byte[4096];
    private int start;
    private int count;

    public TailCapture(Redactor redactor, int bytesMax)
    {
        this.bytesMax = bytesMax;
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
        for (var i = 0; i < count; i++)
        {
            kept[i] = ring[(start + i) % ring.Length];
        }
        return kept;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > bytesMax)
        {
            bytes = bytes[^bytesMax..];
        }
        Grow(bytes.Length);
        foreach (var b in bytes)
        {
            ring[(start + count) % ring.Length] = b;
            if (count < ring.Length)
            {
                count++;
            }
            else
            {
                start = (start + 1) % ring.Length;
            }
        }
    }

    private void Grow(int more)
    {
        var wanted = Math.Min(bytesMax, count + more);
        if (wanted <= ring.Length)
        {
            return;
        }
        var larger = new byte[Math.Min(bytesMax, Math.Max(wanted, ring.Length * 2))];
        for (var i = 0; i < count; i++)
        {
            larger[i] = ring[(start + i) % ring.Length];
        }
        (ring, start) = (larger, 0);
    }
}
