using System.Text;

namespace Aegis.Server.Runs;

/// <summary>Turns pieces of a byte log into text without cutting a character: an unfinished one at the end of
/// a piece waits for the next. Offset counts the bytes that were turned into text.</summary>
internal sealed class TextCutter(long offset)
{
    private byte[] held = [];

    public long Offset { get; private set; } = offset;

    public string Take(ReadOnlySpan<byte> piece)
    {
        byte[] bytes = [.. held, .. piece];
        var whole = bytes.Length - Unfinished(bytes);
        held = bytes[whole..];
        Offset += whole;
        return Encoding.UTF8.GetString(bytes, 0, whole);
    }

    // bytes of a character that begins in the last three and does not end there
    private static int Unfinished(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var b = bytes[^back];
            if ((b & 0xC0) != 0x80)
            {
                var needs = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
                return needs > back ? back : 0;
            }
        }
        return 0;
    }
}
