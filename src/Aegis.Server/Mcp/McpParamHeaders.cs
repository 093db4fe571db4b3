using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp;

/// <summary>Parameters that a tool's schema marks with <c>x-mcp-header</c> come twice, in the body and in a
/// header of their own, and must say the same.</summary>
internal static class McpParamHeaders
{
    /// <summary>What a number may be so that every client reads it as the same one.</summary>
    private const long SafeIntegerMax = 9_007_199_254_740_991;

    private const NumberStyles Plain =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static McpRefusal? Check(HttpContext http, JsonElement schema, JsonNode? arguments)
    {
        if (schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out var properties)
            || properties.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object)
            {
                continue;
            }
            var argument = (arguments as JsonObject)?[property.Name];
            if ((Check(http, property.Value, argument) ?? One(http, property, argument)) is { } refusal)
            {
                return refusal;
            }
        }
        return null;
    }

    private static McpRefusal? One(HttpContext http, JsonProperty property, JsonNode? argument)
    {
        if (!property.Value.TryGetProperty("x-mcp-header", out var marked)
            || marked.ValueKind != JsonValueKind.String || marked.GetString() is not { Length: > 0 } name)
        {
            return null;
        }
        var header = McpWire.ParamHeader + name;
        if (!http.Request.Headers.ContainsKey(header))
        {
            return argument is null ? null : McpHeaders.Mismatch($"{header} is missing");
        }
        if (McpHeaders.Decoded(McpWire.Header(http, header).Trim()) is not { } said)
        {
            return McpHeaders.Mismatch($"{header} cannot be read");
        }
        if (argument is null || McpHeaderEncoder.ConvertToHeaderValue(argument) is not { } encoded)
        {
            return null;
        }
        return Same(said, McpHeaderEncoder.DecodeValue(encoded), property.Value)
            ? null
            : McpHeaders.Mismatch($"{header} is not what the argument {property.Name} says");
    }

    private static bool Same(string said, string? meant, JsonElement schema) => IsInteger(schema)
        && meant is not null && decimal.TryParse(said, Plain, CultureInfo.InvariantCulture, out var left)
        && decimal.TryParse(meant, Plain, CultureInfo.InvariantCulture, out var right)
        ? left == right && decimal.IsInteger(left) && Math.Abs(left) <= SafeIntegerMax
        : said == meant;

    private static bool IsInteger(JsonElement schema) => schema.TryGetProperty("type", out var type)
        && (type.ValueKind == JsonValueKind.String ? type.ValueEquals("integer")
            : type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(
                t => t.ValueKind == JsonValueKind.String && t.ValueEquals("integer")));
}
