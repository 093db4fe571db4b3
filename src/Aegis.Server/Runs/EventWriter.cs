using System.Buffers;
using System.Text.Json;
using Aegis.Ledger.Reads;

namespace Aegis.Server.Runs;

/// <summary>Events as JSON. The payload's bytes go out as they were hashed and stored; nothing parses
/// them.</summary>
internal static class EventWriter
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    public static ReadOnlyMemory<byte> Page(EventPage page, int after)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var fact in page.Events)
        {
            Write(json, fact);
        }
        json.WriteEndArray();
        json.WriteNumber("next", page.Events.Count == 0 ? after : page.Events[^1].Version);
        json.WriteBoolean("ended", page.Ended && !page.More);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> One(EventListing fact)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, Options);
        Write(json, fact);
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, EventListing fact)
    {
        json.WriteStartObject();
        json.WriteNumber("version", fact.Version);
        json.WriteString("type", fact.Type);
        json.WriteString("at", fact.At);
        json.WritePropertyName("payload");
        if (fact.Payload is null)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteRawValue(fact.Payload, skipInputValidation: true);
        }
        json.WriteEndObject();
    }
}
