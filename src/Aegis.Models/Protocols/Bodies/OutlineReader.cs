using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Bodies;

/// <summary>Reads an outline in one pass over the body, making nothing but the outline.</summary>
internal static class OutlineReader
{
    private const int ChoicesMax = 128;

    public static CallOutline Read(ref JsonCursor cursor)
    {
        cursor.Object();
        var outline = new CallOutline();
        var seen = 0;
        while (cursor.Member())
        {
            CallFields.Bound(ref cursor, outline.Members.Count + 1, ProtocolLimits.MembersMax, "members");
            var name = cursor.Start;
            var known = Known(ref cursor);
            if (known is not (KnownMember.None or KnownMember.Prompt))
            {
                Once(ref cursor, known, ref seen);
            }
            else if (known == KnownMember.None && !cursor.IsPlainName)
            {
                NoLikeness(ref cursor);
            }
            var value = Value(ref cursor, known, outline);
            outline.Members.Add(new(known, name, value, cursor.End));
        }
        return outline.Model.Length > 0 ? outline : throw cursor.Malformed(0, "a member model", "none");
    }

    private static void Once(ref JsonCursor cursor, KnownMember known, ref int seen)
    {
        if ((seen & (1 << (int)known)) != 0)
        {
            throw cursor.Wrong(known == KnownMember.MaxTokens
                ? "one of max_tokens and max_completion_tokens, once" : "a member that stands there once");
        }
        seen |= 1 << (int)known;
    }

    // servers written in Go take Model for model
    private static void NoLikeness(ref JsonCursor cursor)
    {
        var name = cursor.Name();
        var small = JsonSerializer.SerializeToUtf8Bytes(name.ToLowerInvariant());
        var other = new JsonCursor(small);
        other.Read();
        if (Known(ref other) != KnownMember.None)
        {
            throw cursor.Wrong($"{name.ToLowerInvariant()} in small letters");
        }
    }

    private static KnownMember Known(ref JsonCursor cursor)
    {
        if (cursor.Is("messages"u8) || cursor.Is("input"u8) || cursor.Is("system"u8)
            || cursor.Is("instructions"u8))
        {
            return KnownMember.Prompt;
        }
        if (cursor.Is("model"u8))
        {
            return KnownMember.Model;
        }
        if (cursor.Is("stream"u8))
        {
            return KnownMember.Stream;
        }
        if (cursor.Is("stream_options"u8))
        {
            return KnownMember.StreamOptions;
        }
        if (cursor.Is("max_tokens"u8) || cursor.Is("max_completion_tokens"u8)
            || cursor.Is("max_output_tokens"u8))
        {
            return KnownMember.MaxTokens;
        }
        if (cursor.Is("temperature"u8))
        {
            return KnownMember.Temperature;
        }
        if (cursor.Is("n"u8))
        {
            return KnownMember.Choices;
        }
        if (cursor.Is("tools"u8))
        {
            return KnownMember.Tools;
        }
        return cursor.Is("response_format"u8) || cursor.Is("output_config"u8) || cursor.Is("text"u8)
            ? KnownMember.Format : KnownMember.None;
    }

    /// <returns>Where the value begins.</returns>
    private static int Value(ref JsonCursor cursor, KnownMember known, CallOutline outline)
    {
        switch (known)
        {
            case KnownMember.Model:
                outline.Model = CallFields.Model(ref cursor);
                return cursor.Start;
            case KnownMember.Stream:
                outline.Stream = cursor.Flag();
                return cursor.Start;
            case KnownMember.MaxTokens:
                outline.SaysCompletionTokens = cursor.Is("max_completion_tokens"u8);
                outline.MaxTokens = CallFields.Tokens(ref cursor);
                return cursor.Start;
            case KnownMember.Temperature:
                outline.Temperature = cursor.NumberOrNull(0, CallFields.TemperatureMost);
                return cursor.Start;
            case KnownMember.Choices:
                outline.Choices = (int)(cursor.IntegerOrNull(1, ChoicesMax) ?? 1);
                return cursor.Start;
            case KnownMember.StreamOptions:
                return StreamOptions(ref cursor, outline);
            default:
                cursor.Read();
                var at = cursor.Start;
                Walk(ref cursor, known, outline);
                return at;
        }
    }

    private static int StreamOptions(ref JsonCursor cursor, CallOutline outline)
    {
        cursor.Read();
        var at = cursor.Start;
        if (cursor.Token == JsonTokenType.Null)
        {
            outline.Options = new(0, true, 0, 0);
            return at;
        }
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object or null");
        }
        var open = cursor.End;
        int members = 0, value = 0, end = 0;
        for (; cursor.Member(); members++)
        {
            if (!cursor.Is("include_usage"u8))
            {
                cursor.Skip();
                continue;
            }
            if (value != 0)
            {
                throw cursor.Wrong("a member that stands there once");
            }
            outline.StreamUsage = cursor.Flag();
            (value, end) = (cursor.Start, cursor.End);
        }
        outline.Options = new(open, members == 0, value, end);
        return at;
    }

    // strings of what a model reads are counted, the bytes of images are not: they are no text to it
    private static void Walk(ref JsonCursor cursor, KnownMember known, CallOutline outline)
    {
        var isRead = known is KnownMember.Prompt or KnownMember.Tools or KnownMember.Format;
        if (!isRead)
        {
            cursor.Leave();
            return;
        }
        var start = cursor.Start;
        outline.HasTools |= known == KnownMember.Tools && cursor.Token == JsonTokenType.StartArray;
        outline.HasFormat |= known == KnownMember.Format && cursor.Token == JsonTokenType.StartObject;
        var images = cursor.Token is JsonTokenType.StartArray or JsonTokenType.StartObject
            ? Parts(ref cursor, known, outline) : 0;
        outline.PromptBytes += cursor.End - start - images;
    }

    /// <returns>The bytes of images.</returns>
    private static long Parts(ref JsonCursor cursor, KnownMember known, CallOutline outline)
    {
        long images = 0;
        var holdsImage = false;
        for (var depth = 1; depth > 0;)
        {
            cursor.Read();
            switch (cursor.Token)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    depth++;
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    depth--;
                    break;
                case JsonTokenType.PropertyName:
                    outline.HasCacheMarks |= cursor.Is("cache_control"u8);
                    holdsImage = cursor.Is("url"u8) || cursor.Is("data"u8) || cursor.Is("image_url"u8);
                    if (known == KnownMember.Prompt && (cursor.Is("image_url"u8) || cursor.Is("source"u8)))
                    {
                        outline.Images++;
                    }
                    break;
                case JsonTokenType.String when holdsImage:
                    images += cursor.End - cursor.Start;
                    holdsImage = false;
                    break;
            }
        }
        return images;
    }
}
