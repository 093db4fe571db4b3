using System.Text;

namespace Aegis.Sandbox;

/// <summary>The last bytes of stderr, kept to explain a set-up that failed.</summary>
internal sealed class OutputTail
{
    private const int BytesMax = 1024;
    private byte[] tail = [];

    public void Add(ReadOnlySpan<byte> piece)
    {
        byte[] joined = [.. tail, .. piece[Math.Max(0, piece.Length - BytesMax)..]];
        tail = joined[Math.Max(0, joined.Length - BytesMax)..];
    }

    public override string ToString() => Encoding.UTF8.GetString(tail);
}
