using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Aegis.Processes;

namespace Aegis.Gate.Terminals;

/// <summary>
/// A recording in asciicast v2: a line about the terminal, then a line for each moment: seconds, kind, text.
/// What it gets is redacted already. Input is not recorded: passwords are typed. Escaping is by hand, since a
/// JSON writer checks each text twice, and a terminal at full speed is a hundred megabytes a second.
/// </summary>
internal sealed class Asciicast : IDisposable
{
    /// <summary>A recording that reaches it ends and says so; the terminal goes on.</summary>
    public const long BytesMax = 255L << 20;

    private const int MomentBytes = 64 * 1024;

    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\', 0x7f]);

    private readonly Lock gate = new();
    private readonly FileStream file;
    private readonly TimeProvider time;
    private readonly long began;
    private readonly byte[] moment = new byte[MomentBytes];
    private readonly byte[] line = new byte[MomentBytes * 6 + 64];
    private int filled;
    private long written;
    private bool full;

    public Asciicast(string path, TerminalOrder order, TimeProvider time)
    {
        (Path, this.time, began) = (path, time, time.GetTimestamp());
        file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 128 * 1024);
        var head = JsonSerializer.SerializeToUtf8Bytes(new Head(2, order.Size.Columns, order.Size.Rows,
            time.GetUtcNow().ToUnixTimeSeconds(), order.Line,
            new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["SHELL"] = "/bin/bash" }),
            AsciicastJson.Default.Head);
        Write(head);
        Write("\n"u8);
    }

    public string Path { get; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            while (bytes.Length > 0)
            {
                var part = bytes[..Math.Min(bytes.Length, MomentBytes - filled)];
                part.CopyTo(moment.AsSpan(filled));
                filled += part.Length;
                bytes = bytes[part.Length..];
                if (filled == MomentBytes)
                {
                    CutNow();
                }
            }
        }
    }

    /// <summary>What came so far was one moment.</summary>
    public void Cut()
    {
        lock (gate)
        {
            CutNow();
        }
    }

    public void Resize(PtySize size)
    {
        lock (gate)
        {
            CutNow();
            Event('r', Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{size.Columns}x{size.Rows}")));
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            CutNow(last: true);
            file.Dispose();
        }
    }

    private void CutNow(bool last = false)
    {
        var whole = last ? filled : Whole(moment.AsSpan(0, filled));
        if (whole > 0)
        {
            var text = moment.AsSpan(0, whole);
            Event('o', Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text)));
            moment.AsSpan(whole, filled - whole).CopyTo(moment);
            filled -= whole;
        }
    }

    /// <summary>How many bytes do not end inside a character.</summary>
    private static int Whole(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= 3 && back <= bytes.Length; back++)
        {
            var lead = bytes[^back];
            if (lead >= 0xC0)
            {
                var length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
                return length > back && bytes.Length > back ? bytes.Length - back : bytes.Length;
            }
            if (lead < 0x80)
            {
                break;
            }
        }
        return bytes.Length;
    }

    private void Event(char kind, ReadOnlySpan<byte> text)
    {
        if (full)
        {
            return;
        }
        var at = Begin(kind);
        while (text.Length > 0)
        {
            if (at > line.Length - 16)
            {
                Write(line.AsSpan(0, at));
                at = 0;
            }
            var plain = text.IndexOfAny(Escaped);
            var count = Math.Min(plain < 0 ? text.Length : plain, line.Length - at - 16);
            text[..count].CopyTo(line.AsSpan(at));
            at += count;
            if (count == plain)
            {
                at += Escape(text[count], line.AsSpan(at));
                count++;
            }
            text = text[count..];
        }
        "\"]\n"u8.CopyTo(line.AsSpan(at));
        Write(line.AsSpan(0, at + 3));
        if (written > BytesMax)
        {
            full = true;
            var end = Encoding.UTF8.GetBytes($"recording ended: longer than {BytesMax} bytes");
            at = Begin('m');
            end.CopyTo(line.AsSpan(at));
            "\"]\n"u8.CopyTo(line.AsSpan(at + end.Length));
            Write(line.AsSpan(0, at + end.Length + 3));
        }
    }

    private int Begin(char kind)
    {
        line[0] = (byte)'[';
        time.GetElapsedTime(began).TotalSeconds.TryFormat(
            line.AsSpan(1), out var count, "0.000000", CultureInfo.InvariantCulture);
        ReadOnlySpan<byte> between = [(byte)',', (byte)' ', (byte)'"', (byte)kind, (byte)'"', (byte)',',
            (byte)' ', (byte)'"'];
        between.CopyTo(line.AsSpan(1 + count));
        return 1 + count + between.Length;
    }

    private static int Escape(byte b, Span<byte> into)
    {
        into[0] = (byte)'\\';
        into[1] = b switch
        {
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            (byte)'"' or (byte)'\\' => b,
            _ => (byte)'u',
        };
        if (into[1] != (byte)'u')
        {
            return 2;
        }
        "00"u8.CopyTo(into[2..]);
        into[4] = Digit(b >> 4);
        into[5] = Digit(b & 15);
        return 6;
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        file.Write(bytes);
        written += bytes.Length;
    }

    internal sealed record Head(int Version, int Width, int Height, long Timestamp, string Command,
        Dictionary<string, string> Env);
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Asciicast.Head))]
internal sealed partial class AsciicastJson : System.Text.Json.Serialization.JsonSerializerContext;
