using System.Globalization;
using System.Text.Json;
using System.Diagnostics.CodeAnalysis;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Upstreams;

/// <summary>A call cut in two: what is stored with the provider, as Gemini's own protocol says it, and what
/// is left to send.</summary>
/// <param name="Body">Of the call that stores it.</param>
internal sealed record CachedPrefix(byte[] Body, ChatCall Rest)
{
    /// <summary>Everything up to the last marked message, but never the last message: there must be
    /// something to answer.</summary>
    public static CachedPrefix Of(ChatCall call, string model, TimeSpan ttl)
    {
        var kept = 0;
        for (var i = 0; i < call.Messages.Length - 1; i++)
        {
            if (call.Messages[i].Parts.Any(part => part.Mark != CacheMark.None))
            {
                kept = i + 1;
            }
        }
        // images by address and results of tools are said otherwise there
        if (call.Messages.Take(kept).Any(message => message.Parts.Any(part =>
            part is not (TextPart or ImagePart { MediaType: not null }))))
        {
            kept = 0;
        }
        var body = JsonBody.Of((call, model, ttl, kept),
            static (json, it) => Write(json, it.call, it.model, it.ttl, it.kept));
        return new(body, call with
        {
            System = [],
            Tools = [],
            ToolChoice = null,
            Messages = call.Messages.RemoveRange(0, kept),
        });
    }

    /// <summary>The rest of the call, naming what is stored.</summary>
    public ChatCall Naming(string name) => Rest with
    {
        Rest = [.. Rest.RestOf == WireProtocol.OpenAi ? Rest.Rest : [], new("extra_body",
            $$$"""{"google":{"cached_content":"{{{JsonEncodedText.Encode(name)}}}"}}""")],
        RestOf = WireProtocol.OpenAi,
    };

    public static bool TryReadName(ReadOnlySpan<byte> body, [NotNullWhen(true)] out string? name,
        out long tokens)
    {
        var isRead = Reading.Answer(body, Stored, out var stored, out _);
        (name, tokens) = isRead ? (stored!.Item1, stored.Item2) : (null, 0);
        return isRead;
    }

    private static Tuple<string, long> Stored(ref JsonCursor cursor)
    {
        cursor.Object();
        string? name = null;
        long tokens = 0;
        while (cursor.Member())
        {
            if (cursor.Is("name"u8))
            {
                name = cursor.Text();
            }
            else if (cursor.Is("usageMetadata"u8))
            {
                cursor.Object();
                while (cursor.Member())
                {
                    if (cursor.Is("totalTokenCount"u8))
                    {
                        tokens = cursor.IntegerOrNull(0, long.MaxValue) ?? 0;
                    }
                    else
                    {
                        cursor.Skip();
                    }
                }
            }
            else
            {
                cursor.Skip();
            }
        }
        return new(CallFields.Needed(ref cursor, name, 0, "name"), tokens);
    }

    private static void Write(Utf8JsonWriter json, ChatCall call, string model, TimeSpan ttl, int kept)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, model.StartsWith("models/", StringComparison.Ordinal) ? model
            : $"models/{model}");
        if (!call.System.IsEmpty)
        {
            json.WriteStartObject("systemInstruction"u8);
            Parts(json, call.System);
            json.WriteEndObject();
        }
        if (kept > 0)
        {
            json.WriteStartArray("contents"u8);
            foreach (var message in call.Messages.Take(kept))
            {
                json.WriteStartObject();
                json.WriteString("role"u8, message.Role == ChatRole.User ? "user"u8 : "model"u8);
                Parts(json, message.Parts);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (!call.Tools.IsEmpty)
        {
            Tools(json, call);
        }
        json.WriteString("ttl"u8, string.Create(CultureInfo.InvariantCulture, $"{(long)ttl.TotalSeconds}s"));
        json.WriteEndObject();
    }

    private static void Parts(Utf8JsonWriter json, IEnumerable<ChatPart> parts)
    {
        json.WriteStartArray("parts"u8);
        foreach (var part in parts)
        {
            json.WriteStartObject();
            if (part is ImagePart image)
            {
                json.WriteStartObject("inlineData"u8);
                json.WriteString("mimeType"u8, image.MediaType);
                json.WriteString("data"u8, image.Source);
                json.WriteEndObject();
            }
            else if (part is TextPart text)
            {
                json.WriteString("text"u8, text.Text);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Tools(Utf8JsonWriter json, ChatCall call)
    {
        json.WriteStartArray("tools"u8);
        json.WriteStartObject();
        json.WriteStartArray("functionDeclarations"u8);
        foreach (var tool in call.Tools)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Description ?? "");
            json.Raw("parametersJsonSchema"u8, tool.Schema);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        if (call.ToolChoice is not { } choice)
        {
            return;
        }
        json.WriteStartObject("toolConfig"u8);
        json.WriteStartObject("functionCallingConfig"u8);
        json.WriteString("mode"u8, choice.Kind switch
        {
            ToolChoiceKind.None => "NONE"u8,
            ToolChoiceKind.Auto => "AUTO"u8,
            _ => "ANY"u8,
        });
        if (choice.Name is not null)
        {
            json.WriteStartArray("allowedFunctionNames"u8);
            json.WriteStringValue(choice.Name);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
