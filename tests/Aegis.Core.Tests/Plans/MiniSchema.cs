using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aegis.Core.Tests.Plans;

/// <summary>As much of JSON Schema 2020-12 as the workflow schema uses; an unknown keyword fails the
/// test.</summary>
internal static class MiniSchema
{
    public static bool Accepts(JsonElement root, JsonElement schema, JsonElement value) =>
        schema.ValueKind == JsonValueKind.True
        || (schema.ValueKind == JsonValueKind.Object
            && schema.EnumerateObject().All(k => Holds(root, schema, k.Name, k.Value, value)));

    private static bool Holds(JsonElement root, JsonElement schema, string keyword, JsonElement rule,
        JsonElement value) =>
        keyword switch
        {
            "$schema" or "$id" or "$defs" or "title" or "description" or "markdownDescription"
                or "default" => true,
            // read together with if
            "then" or "else" => true,
            "if" => !schema.TryGetProperty(Accepts(root, rule, value) ? "then" : "else", out var rest)
                || Accepts(root, rest, value),
            "allOf" => rule.EnumerateArray().All(s => Accepts(root, s, value)),
            "anyOf" => rule.EnumerateArray().Any(s => Accepts(root, s, value)),
            "$ref" => Accepts(root,
            root.GetProperty("$defs").GetProperty(rule.GetString()!["#/$defs/".Length..]), value),
            "type" => rule.ValueKind == JsonValueKind.Array
                ? rule.EnumerateArray().Any(t => IsType(t.GetString()!, value))
                : IsType(rule.GetString()!, value),
            "oneOf" => rule.EnumerateArray().Count(s => Accepts(root, s, value)) == 1,
            "enum" => rule.EnumerateArray().Any(e => JsonElement.DeepEquals(e, value)),
            "const" => JsonElement.DeepEquals(rule, value),
            "pattern" => !IsType("string", value) || Regex.IsMatch(value.GetString()!, rule.GetString()!),
            "minLength" => !IsType("string", value) || value.GetString()!.Length >= rule.GetInt32(),
            "maxLength" => !IsType("string", value) || value.GetString()!.Length <= rule.GetInt32(),
            "minimum" => !IsType("number", value) || value.GetDouble() >= rule.GetDouble(),
            "maximum" => !IsType("number", value) || value.GetDouble() <= rule.GetDouble(),
            "minItems" => !IsType("array", value) || value.GetArrayLength() >= rule.GetInt32(),
            "maxItems" => !IsType("array", value) || value.GetArrayLength() <= rule.GetInt32(),
            "uniqueItems" => !IsType("array", value)
                || value.EnumerateArray().Select(i => i.GetRawText())
                .Distinct().Count() == value.GetArrayLength(),
            "items" => !IsType("array", value) || value.EnumerateArray().All(i => Accepts(root, rule, i)),
            "required" => !IsType("object", value) || rule.EnumerateArray()
                .All(r => value.TryGetProperty(r.GetString()!, out _)),
            "minProperties" => !IsType("object", value) || value.EnumerateObject().Count() >= rule.GetInt32(),
            "maxProperties" => !IsType("object", value) || value.EnumerateObject().Count() <= rule.GetInt32(),
            "propertyNames" => !IsType("object", value)
                || value.EnumerateObject().All(p => Accepts(root, rule,
                JsonSerializer.SerializeToElement(p.Name))),
            "properties" => !IsType("object", value) || rule.EnumerateObject()
                .All(p => !value.TryGetProperty(p.Name, out var member) || Accepts(root, p.Value, member)),
            "additionalProperties" => !IsType("object", value) || value.EnumerateObject().All(p =>
                (schema.TryGetProperty("properties", out var known) && known.TryGetProperty(p.Name, out _))
                || (rule.ValueKind != JsonValueKind.False && Accepts(root, rule, p.Value))),
            _ => throw new NotSupportedException(keyword),
        };

    private static bool IsType(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number
        && value.GetDouble() == Math.Floor(value.GetDouble()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => throw new NotSupportedException(type),
    };
}
