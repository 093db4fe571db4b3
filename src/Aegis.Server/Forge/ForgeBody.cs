using System.Text.Json;
using Aegis.Server.Json;

namespace Aegis.Server.Forge;

/// <summary>A request's JSON object, read member by member: like GitHub, members that mean nothing here are
/// passed over, and a wrong one is named in a 422.</summary>
internal sealed class ForgeBody(JsonElement json, string resource)
{
    /// <summary>The object, or null after a 400 was written.</summary>
    public static async Task<ForgeBody?> ReadAsync(HttpContext http, string resource)
    {
        var bytes = await Body.ReadBytesAsync(http);
        try
        {
            var json = bytes.Length == 0 ? JsonElement.Parse("{}") : JsonElement.Parse(bytes);
            if (json.ValueKind == JsonValueKind.Object)
            {
                return new ForgeBody(json, resource);
            }
        }
        catch (JsonException)
        {
            // answered below
        }
        await ForgeReplies.MessageAsync(http, 400, "Body should be a JSON object");
        return null;
    }

    public bool Has(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>An object inside; null where the member is none.</summary>
    public ForgeBody? Inner(string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.Object } inner
        ? new ForgeBody(inner, resource) : null;

    /// <summary>The items of a list; null where the member is none.</summary>
    public IReadOnlyList<JsonElement>? Items(string name) =>
        Has(name) && json.GetProperty(name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray()] : null;

    public int? Integer(string name) =>
        Has(name) && json.GetProperty(name) is { ValueKind: JsonValueKind.Number } number
        && number.TryGetInt32(out var value) ? value : null;

    /// <summary>Text of at most so many characters; the fallback where it is absent or null.</summary>
    public bool TryText(string name, string? fallback, int charsMax, out string? text, out FieldError? error)
    {
        (text, error) = (fallback, null);
        if (!Has(name))
        {
            return true;
        }
        var value = json.GetProperty(name);
        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        error = text is null
            ? new FieldError(resource, name, "invalid")
            : text.Length > charsMax
                ? new FieldError(resource, name, "custom",
                $"{name} is too long (maximum is {charsMax} characters)")
                : text.Contains('\0', StringComparison.Ordinal) ? new FieldError(resource, name, "invalid")
                : null;
        return error is null;
    }

    public bool TryFlag(string name, out bool flag, out FieldError? error)
    {
        var value = Has(name) ? json.GetProperty(name).ValueKind : JsonValueKind.False;
        flag = value == JsonValueKind.True;
        error = value is JsonValueKind.True or JsonValueKind.False ? null
            : new FieldError(resource, name, "invalid");
        return error is null;
    }
}
