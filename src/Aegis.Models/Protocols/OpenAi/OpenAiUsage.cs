using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Reads and writes <c>usage</c> of chat completions, of embeddings and of transcriptions, with the
/// names that other providers of this protocol gave to what they cached.</summary>
internal static class OpenAiUsage
{
    private const long Most = 1L << 40;

    /// <summary>Null where it says null.</summary>
    public static TokenUsage? Read(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token != JsonTokenType.StartObject)
        {
            cursor.Leave();
            return null;
        }
        var usage = new TokenUsage(0, 0);
        while (cursor.Member())
        {
            usage = Member(ref cursor, usage);
        }
        return usage;
    }

    public static void Write(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens"u8, usage.Input);
        writer.WriteNumber("completion_tokens"u8, usage.Output);
        writer.WriteNumber("total_tokens"u8, usage.Input + usage.Output);
        writer.WriteStartObject("prompt_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CachedInput);
        if (usage.CacheWrite > 0)
        {
            writer.WriteNumber("cache_write_tokens"u8, usage.CacheWrite);
        }
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.Reasoning);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static TokenUsage Member(ref JsonCursor cursor, TokenUsage usage)
    {
        if (cursor.Is("prompt_tokens"u8) || cursor.Is("input_tokens"u8))
        {
            return usage with { Input = Count(ref cursor) };
        }
        if (cursor.Is("completion_tokens"u8) || cursor.Is("output_tokens"u8))
        {
            return usage with { Output = Count(ref cursor) };
        }
        if (cursor.Is("prompt_cache_hit_tokens"u8))
        {
            return usage with { CachedInput = Count(ref cursor) };
        }
        if (cursor.Is("prompt_tokens_details"u8) || cursor.Is("input_tokens_details"u8)
            || cursor.Is("completion_tokens_details"u8) || cursor.Is("output_tokens_details"u8))
        {
            return Details(ref cursor, usage);
        }
        cursor.Skip();
        return usage;
    }

    private static TokenUsage Details(ref JsonCursor cursor, TokenUsage usage)
    {
        cursor.Read();
        if (cursor.Token != JsonTokenType.StartObject)
        {
            cursor.Leave();
            return usage;
        }
        while (cursor.Member())
        {
            if (cursor.Is("cached_tokens"u8))
            {
                usage = usage with { CachedInput = Count(ref cursor) };
            }
            else if (cursor.Is("cache_write_tokens"u8))
            {
                usage = usage with { CacheWrite = Count(ref cursor) };
            }
            else if (cursor.Is("reasoning_tokens"u8))
            {
                usage = usage with { Reasoning = Count(ref cursor) };
            }
            else
            {
                cursor.Skip();
            }
        }
        return usage;
    }

    private static long Count(ref JsonCursor cursor) => cursor.IntegerOrNull(0, Most) ?? 0;
}
