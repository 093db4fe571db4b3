using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Http;

// A result holds 64 KiB, an answer 4 MiB: what is shown is cut to a budget that is counted as written, since
// JSON can make six bytes out of one. save_as gets the whole.

/// <summary>An answer as outputs.</summary>
public static class HttpAnswer
{
    public const int HeadersBytesMax = 8 * 1024;
    public const int BodyBytesMax = 22 * 1024;
    public const int JsonBytesMax = 22 * 1024;

    private const int UrlShownMax = 1024;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Text(HttpReply reply) => Decode(reply.Body.Span) is { } text
        ? OutputText.Head(Encoding.UTF8.GetBytes(text)) : $"{reply.Body.Length} bytes that are no text";

    public static JsonElement Outputs(HttpReply reply)
    {
        var text = Decode(reply.Body.Span);
        var (body, cut) = text is not null ? CutText(text) : CutBytes(reply.Body.Span);
        var outputs = new JsonObject
        {
            ["status"] = reply.Status,
            ["url"] = reply.Url.AbsoluteUri.Length <= UrlShownMax ? reply.Url.AbsoluteUri : null,
            ["redirects"] = reply.Redirects,
            ["headers"] = Headers(reply),
            ["body_bytes"] = reply.Body.Length,
            ["truncated"] = cut,
            [text is not null ? "body" : "body_base64"] = body,
        };
        if (text is not null && Json(text) is { } json)
        {
            outputs["json"] = json;
        }
        return JsonSerializer.SerializeToElement(outputs);
    }

    private static JsonObject Headers(HttpReply reply)
    {
        var headers = new JsonObject();
        var bytes = 0;
        foreach (var group in reply.Headers.GroupBy(field => field.Name, StringComparer.OrdinalIgnoreCase))
        {
            var name = group.Key.ToLowerInvariant();
            var value = JsonValue.Create(string.Join(", ", group.Select(field => field.Value)));
            bytes += name.Length + value.ToJsonString().Length + 6;
            if (bytes > HeadersBytesMax)
            {
                break;
            }
            headers[name] = value;
        }
        return headers;
    }

    private static (string Text, bool Cut) CutText(string text)
    {
        var shown = text.Length <= BodyBytesMax ? text : Head(text, BodyBytesMax);
        int written;
        while ((written = JsonSerializer.SerializeToUtf8Bytes(shown).Length) > BodyBytesMax)
        {
            shown = Head(shown, (int)((long)shown.Length * BodyBytesMax / written) - 1);
        }
        return (shown, shown.Length < text.Length);
    }

    private static (string Text, bool Cut) CutBytes(ReadOnlySpan<byte> bytes)
    {
        // base64 holds + and /; the + is written as six characters at worst
        const int RawMax = BodyBytesMax / 24 * 3;
        return (Convert.ToBase64String(bytes[..Math.Min(bytes.Length, RawMax)]), bytes.Length > RawMax);
    }

    private static string Head(string text, int length) =>
        text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.Contains((byte)0) ? null : Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static JsonNode? Json(string text)
    {
        try
        {
            var json = text.Length <= JsonBytesMax
                ? JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }) : null;
            return json?.ToJsonString().Length <= JsonBytesMax ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
