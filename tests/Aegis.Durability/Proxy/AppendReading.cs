using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Aegis.Durability.Proxy;

/// <summary>Understands what the commit connection sends: which prepared statement is the append (by its
/// text, in Parse), and which events a Bind of it carries. Everything else is passed on unread.</summary>
internal sealed class AppendReading
{
    // parameters of events.append, see src/Aegis.Ledger/Queries/event_store.sql
    private const int Node = 0;
    private const int Streams = 1;
    private const int Versions = 2;
    private const int Types = 6;
    private const int Payloads = 8;
    private const int Hashes = 9;

    private readonly Dictionary<string, bool> isAppend = [];
    private int flushes;
    private (long Node, List<LedgerEvent> Events)? open;

    /// <summary>Takes a frontend message; answers with the flush where this message completes one.</summary>
    public Flush? Take(ReadOnlySpan<byte> message)
    {
        switch ((char)message[0])
        {
            case 'P':
                Parse(message[5..]);
                break;
            case 'B':
                Bind(message[5..]);
                break;
            case 'S' when open is { } whole:
                open = null;
                return new Flush(++flushes, whole.Node, whole.Events);
            default:
                break;
        }
        return null;
    }

    private void Parse(ReadOnlySpan<byte> body)
    {
        var name = Text(ref body);
        isAppend[name] = Text(ref body).Contains("INSERT INTO events", StringComparison.Ordinal);
    }

    private void Bind(ReadOnlySpan<byte> body)
    {
        _ = Text(ref body);
        if (!isAppend.GetValueOrDefault(Text(ref body)))
        {
            return;
        }
        var formats = Int16(ref body);
        body = body[(formats * 2)..];
        var values = new List<byte[]>();
        for (var left = Int16(ref body); left > 0; left--)
        {
            var length = Int32(ref body);
            values.Add(length < 0 ? [] : body[..length].ToArray());
            body = body[Math.Max(length, 0)..];
        }
        var streams = Array(values[Streams]);
        var versions = Array(values[Versions]);
        var types = Array(values[Types]);
        var payloads = Array(values[Payloads]);
        var hashes = Array(values[Hashes]);
        var events = new List<LedgerEvent>();
        for (var i = 0; i < streams.Count; i++)
        {
            var (step, attempt) = Step(payloads[i]);
            events.Add(new LedgerEvent(BinaryPrimitives.ReadInt64BigEndian(streams[i]),
                BinaryPrimitives.ReadInt32BigEndian(versions[i]), Encoding.UTF8.GetString(types[i]), step,
                    attempt,
                hashes[i]));
        }
        open = (BinaryPrimitives.ReadInt64BigEndian(values[Node]), events);
    }

    private static (string? Step, int Attempt) Step(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        return (json.RootElement.TryGetProperty("step_id", out var step) ? step.GetString() : null,
            json.RootElement.TryGetProperty("attempt", out var attempt) ? attempt.GetInt32() : 0);
    }

    /// <summary>A one-dimensional array in PostgreSQL's binary format.</summary>
    private static List<byte[]> Array(ReadOnlySpan<byte> value)
    {
        var elements = new List<byte[]>();
        if (Int32(ref value) == 0)
        {
            return elements;
        }
        // flags and the elements' type, then length and lower bound
        value = value[8..];
        var count = Int32(ref value);
        value = value[4..];
        for (; count > 0; count--)
        {
            var length = Int32(ref value);
            elements.Add(length < 0 ? [] : value[..length].ToArray());
            value = value[Math.Max(length, 0)..];
        }
        return elements;
    }

    private static string Text(ref ReadOnlySpan<byte> body)
    {
        var end = body.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(body[..end]);
        body = body[(end + 1)..];
        return text;
    }

    private static int Int16(ref ReadOnlySpan<byte> body)
    {
        var value = BinaryPrimitives.ReadInt16BigEndian(body);
        body = body[2..];
        return value;
    }

    private static int Int32(ref ReadOnlySpan<byte> body)
    {
        var value = BinaryPrimitives.ReadInt32BigEndian(body);
        body = body[4..];
        return value;
    }
}
