using System.Text;
using System.Text.Json;

namespace Aegis.Cli.Commands;

/// <summary>Options of the form <c>name=value</c> as a JSON object. A value that is JSON (a number, true,
/// false, null, an array or an object) is taken as such, anything else as text; <c>name=@FILE</c> reads a
/// file. What is known to be a text stays one.</summary>
internal static class Pairs
{
    public const int ValueBytesMax = 1 << 20;

    public static JsonElement? ToJson(string option, IEnumerable<string> pairs,
        IEnumerable<KeyValuePair<string, string>>? preset = null, Predicate<string>? isText = null)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (var (name, value) in preset ?? [])
        {
            members[name] = Text(value);
        }
        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw new CliException(ExitCode.Usage, "AEGIS7001", $"{option} {pair}: expected name=value");
            }
            var name = pair[..equals];
            members[name] = Value(pair[(equals + 1)..], isText?.Invoke(name) == true);
        }
        return members.Count == 0 ? null : Object(members);
    }

    private static JsonElement Value(string text, bool isText)
    {
        if (text.StartsWith('@'))
        {
            return Text(Files.ReadText(text[1..], ValueBytesMax));
        }
        if (isText)
        {
            return Text(text);
        }
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.String ? Text(text) : json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return Text(text);
        }
    }

    public static JsonElement Text(string text)
    {
        using var json = JsonDocument.Parse($"\"{JsonEncodedText.Encode(text)}\"");
        return json.RootElement.Clone();
    }

    private static JsonElement Object(Dictionary<string, JsonElement> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        using var document = JsonDocument.Parse(Encoding.UTF8.GetString(buffer.ToArray()));
        return document.RootElement.Clone();
    }
}
