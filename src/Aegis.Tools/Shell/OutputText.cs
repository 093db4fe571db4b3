using System.Text;
using Aegis.Gate;

namespace Aegis.Tools.Shell;

/// <summary>Cuts output to what a result may carry, at whole characters.</summary>
internal static class OutputText
{
    public const int BytesMax = 64 * 1024;
    private const int ErrorLineMax = 400;

    /// <summary>The mend of an error that only the output explains.</summary>
    public const string ReadTheLog = "read the step's log: aegis logs RUN STEP";

    /// <summary>The last <paramref name="bytesMax"/> bytes, not beginning inside a character.</summary>
    public static string Tail(ReadOnlySpan<byte> bytes, int bytesMax = BytesMax)
    {
        if (bytes.Length > bytesMax)
        {
            bytes = bytes[^bytesMax..];
            while (bytes.Length > 0 && (bytes[0] & 0xC0) == 0x80)
            {
                bytes = bytes[1..];
            }
        }
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The first <paramref name="bytesMax"/> bytes, not ending inside a character.</summary>
    public static string Head(ReadOnlySpan<byte> bytes, int bytesMax = BytesMax)
    {
        if (bytes.Length > bytesMax)
        {
            var end = bytesMax;
            while (end > 0 && (bytes[end] & 0xC0) == 0x80)
            {
                end--;
            }
            bytes = bytes[..end];
        }
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The last line with words in it, of stderr or else stdout: what an error shows.</summary>
    public static string? LastLine(CommandResult result)
    {
        foreach (var channel in (ReadOnlySpan<ReadOnlyMemory<byte>>)[result.Stderr, result.Stdout])
        {
            var text = Tail(channel.Span, 4096).TrimEnd();
            var line = text[(text.LastIndexOf('\n') + 1)..].Trim();
            if (line.Length > 0)
            {
                return line.Length <= ErrorLineMax ? line : line[..ErrorLineMax] + "…";
            }
        }
        return null;
    }
}
