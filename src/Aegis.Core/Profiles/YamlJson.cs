using System.Globalization;
using System.Text.Json.Nodes;

namespace Aegis.Core.Profiles;

/// <summary>A node of a YAML file as JSON: plain words that are numbers, booleans or null become
/// these.</summary>
internal static class YamlJson
{
    public static JsonNode? Of(YamlValue value) => value switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key.Text, Of(e.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Of)]),
        YamlScalar { IsNull: true } => null,
        YamlScalar { Quoted: false, Text: "true" } => JsonValue.Create(true),
        YamlScalar { Quoted: false, Text: "false" } => JsonValue.Create(false),
        YamlScalar { Quoted: false } number when decimal.TryParse(number.Text, NumberStyles.Float,
            CultureInfo.InvariantCulture, out var read) => JsonValue.Create(read),
        YamlScalar text => JsonValue.Create(text.Text),
        _ => null,
    };
}
