using System.Text.Json;

namespace Aegis.Tests.Shared;

/// <summary>Reads what went wrong from an answer: a problem document, or the error of a door that speaks
/// another protocol, which has the code one level down and all else in its message.</summary>
public static class ProblemReading
{
    public static string? Code(JsonElement body) => Member(Of(body), "code");

    /// <summary>Whether it names what was expected.</summary>
    public static bool Expects(JsonElement body, string expected) => Member(body, "expected") is { } told
        ? told == expected
        : Member(Of(body), "message") is { } said
            && said.Contains($"expected {expected};", StringComparison.Ordinal);

    private static JsonElement Of(JsonElement body) => body.ValueKind == JsonValueKind.Object
        && body.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? error : body;

    private static string? Member(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString() : null;
}
