using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Reads and writes <c>usage</c> of messages, whose <c>input_tokens</c> leaves out what was cached.
/// A stream tells it in two halves, of which the second may repeat the first.</summary>
internal struct AnthropicUsage
{
    private const long Most = 1L << 40;
    private long? _fresh;
    private long? _read;
    private long? _written;
    private long? _hour;
    private long? _output;

    public readonly bool IsThere => _fresh is not null || _output is not null;

    public readonly TokenUsage Total => new((_fresh ?? 0) + (_read ?? 0) + (_written ?? 0), _output ?? 0,
        _read ?? 0, _written ?? 0) { CacheWriteHour = _hour ?? 0 };

    public void Read(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token != JsonTokenType.StartObject)
        {
            cursor.Leave();
            return;
        }
        while (cursor.Member())
        {
            if (cursor.Is("input_tokens"u8))
            {
                _fresh = Count(ref cursor) ?? _fresh;
            }
            else if (cursor.Is("output_tokens"u8))
            {
                _output = Count(ref cursor) ?? _output;
            }
            else if (cursor.Is("cache_read_input_tokens"u8))
            {
                _read = Count(ref cursor) ?? _read;
            }
            else if (cursor.Is("cache_creation_input_tokens"u8))
            {
                _written = Count(ref cursor) ?? _written;
            }
            else if (cursor.Is("cache_creation"u8))
            {
                Creation(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
    }

    public static void Write(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject();
        writer.WriteNumber("input_tokens"u8, usage.Input - usage.CachedInput - usage.CacheWrite);
        writer.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWrite);
        writer.WriteNumber("cache_read_input_tokens"u8, usage.CachedInput);
        writer.WriteNumber("output_tokens"u8, usage.Output);
        writer.WriteEndObject();
    }

    private void Creation(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token != JsonTokenType.StartObject)
        {
            cursor.Leave();
            return;
        }
        while (cursor.Member())
        {
            if (cursor.Is("ephemeral_1h_input_tokens"u8))
            {
                _hour = Count(ref cursor) ?? _hour;
            }
            else
            {
                cursor.Skip();
            }
        }
    }

    private static long? Count(ref JsonCursor cursor) => cursor.IntegerOrNull(0, Most);
}
