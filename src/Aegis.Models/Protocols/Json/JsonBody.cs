using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aegis.Models.Protocols.Json;

/// <summary>Writes a body. Text is escaped only where JSON asks for it: bodies go to programs, not into
/// pages.</summary>
internal static class JsonBody
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = ProtocolLimits.DepthMax * 2,
    };

    public static Utf8JsonWriter Writer(IBufferWriter<byte> to) => new(to, Options);

    public static byte[] Of<T>(T value, Action<Utf8JsonWriter, T> write, int sizeHint = 1024)
    {
        var buffer = new ArrayBufferWriter<byte>(sizeHint);
        using (var writer = Writer(buffer))
        {
            write(writer, value);
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes JSON that was read from a body before.</summary>
    public static void Raw(this Utf8JsonWriter writer, string json) =>
        writer.WriteRawValue(json, skipInputValidation: true);

    public static void Raw(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string json)
    {
        writer.WritePropertyName(name);
        writer.Raw(json);
    }

    public static bool IsObject(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = ProtocolLimits.DepthMax });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
