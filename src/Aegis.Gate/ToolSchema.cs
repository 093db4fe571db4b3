using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Aegis.Gate;

/// <summary>The JSON schema of a tool's input, made from the record that binds it, so that schema and
/// binding can't part.</summary>
public static class ToolSchema
{
    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Transform,
    };

    internal static JsonElement Of(Tool tool)
    {
        if (tool.OwnSchema is { } own)
        {
            return own;
        }
        return Of(tool.InputType);
    }

    /// <summary>The schema of a record, and of what <see cref="TryBind"/> takes for one.</summary>
    public static JsonElement Of(Type record)
    {
        ToolInput.Strict.MakeReadOnly(populateMissingResolver: true);
        return JsonSerializer.SerializeToElement(ToolInput.Strict.GetJsonSchemaAsNode(record, Exporter));
    }

    /// <summary>Binds JSON to a record as strictly as a tool's input; the record's own bounds are for the
    /// caller to check.</summary>
    public static bool TryBind(Type record, string name, JsonElement json, out object? bound,
        out Core.Errors.AegisError? error) => ToolInput.TryRead(record, name, json, out bound, out error);

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (context.TypeInfo.Type == typeof(TimeSpan) || context.TypeInfo.Type == typeof(TimeSpan?))
        {
            return new JsonObject
            {
                ["type"] = new JsonArray("integer", "string"),
                ["description"] = "milliseconds, or a text such as 15m, 2h30m, 500ms",
            };
        }
        // "anything" as an object: clients refuse a property whose schema is the word true
        var node = schema as JsonObject ?? [];
        if (context.PropertyInfo?.AttributeProvider is not { } provider)
        {
            return node;
        }
        foreach (var attribute in provider.GetCustomAttributes(true))
        {
            Bound(node, attribute);
        }
        return node;
    }

    private static void Bound(JsonObject node, object attribute)
    {
        switch (attribute)
        {
            case StringLengthAttribute text:
                node["minLength"] = text.MinimumLength;
                node["maxLength"] = text.MaximumLength;
                break;
            case RangeAttribute { Minimum: int min, Maximum: int max }:
                node["minimum"] = min;
                node["maximum"] = max;
                break;
            case MaxLengthAttribute length:
                node["maxItems"] = length.Length;
                break;
            case MinLengthAttribute length:
                node["minItems"] = length.Length;
                break;
            case RegularExpressionAttribute expression:
                node["pattern"] = expression.Pattern;
                break;
        }
    }
}
