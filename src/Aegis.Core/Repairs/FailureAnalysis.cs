using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Core.Errors;

namespace Aegis.Core.Repairs;

/// <summary>Why tests fail, and what would mend it: what an agent hands back, and what a repair
/// takes.</summary>
/// <param name="ConfidenceScore">0 to 1, of the whole.</param>
/// <param name="EstimatedComplexity">low, medium or high.</param>
public sealed record FailureAnalysis(
    [property: Length(1, FailureAnalysis.RootCausesMax)] ImmutableArray<string> RootCauses,
    [property: Length(0, FailureAnalysis.FixesMax)] ImmutableArray<FixSuggestion> FixSuggestions,
    [property: Range(0.0, 1.0)] double ConfidenceScore,
    [property: AllowedValues("low", "medium", "high")] string EstimatedComplexity)
{
    public const int RootCausesMax = 50;
    public const int FixesMax = 20;

    /// <summary>Characters of a piece of code, and of an explanation.</summary>
    public const int TextCharsMax = 32_000;

    private const string Form = "{root_causes[], fix_suggestions[{file, line_number, current_code, "
        + "fixed_code, explanation, confidence}], confidence_score, estimated_complexity}";

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Binds strictly an object, or a text that is one; models put fences around it.</summary>
    public static (FailureAnalysis? Analysis, AegisError? Error) Read(JsonElement given)
    {
        try
        {
            var json = given.ValueKind != JsonValueKind.String ? given : JsonElement.Parse(
                Unfenced(given.GetString()!));
            var analysis = json.Deserialize<FailureAnalysis>(Strict);
            return analysis is null ? (null, Wrong("null")) : Judge(analysis) is { } wrong
                ? (null, Wrong(wrong)) : (analysis, null);
        }
        catch (JsonException e)
        {
            return (null, Wrong(e.Message.Split(" Path:")[0] + (e.Path is null ? "" : $" at {e.Path}")));
        }
    }

    private static string? Judge(FailureAnalysis it) =>
        it.RootCauses.IsDefault || it.FixSuggestions.IsDefault ? "a list is missing"
        : Bounds(it) ?? it.FixSuggestions
            .Select((fix, i) => Bounds(fix) is { } why ? $"fix {i + 1}: {why}" : null)
            .FirstOrDefault(why => why is not null);

    // the record's own attributes, the same that an agent's reply is held to
    private static string? Bounds(object value)
    {
        var found = new List<ValidationResult>();
        return Validator.TryValidateObject(value, new ValidationContext(value), found, true) ? null
            : $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(found[0].MemberNames.First())}: "
                + found[0].ErrorMessage?.TrimEnd('.');
    }

    private static string Unfenced(string text)
    {
        var (from, to) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        var trimmed = text.Trim();
        return trimmed.StartsWith("```", StringComparison.Ordinal)
            && trimmed.EndsWith("```", StringComparison.Ordinal) && from >= 0 && to > from
            ? text[from..(to + 1)] : text;
    }

    private static AegisError Wrong(string why) => new("AEGIS2696",
        $"the analysis is no failure analysis: {why}", Form, null, "send the JSON object alone");
}

/// <param name="File">Relative to the repository.</param>
/// <param name="LineNumber">Where the current code begins, from 1.</param>
/// <param name="CurrentCode">Whole lines, or a part of one line, as it stands there; nothing makes the
/// file.</param>
/// <param name="Confidence">0 to 1; that of the whole analysis where it is left out.</param>
public sealed record FixSuggestion(
    [property: Required, StringLength(FixSuggestion.FileCharsMax, MinimumLength = 1)] string File,
    [property: Range(1, 10_000_000)] int LineNumber,
    [property: Required(AllowEmptyStrings = true), StringLength(FailureAnalysis.TextCharsMax)]
    string CurrentCode,
    [property: Required(AllowEmptyStrings = true), StringLength(FailureAnalysis.TextCharsMax)]
    string FixedCode,
    [property: Required(AllowEmptyStrings = true), StringLength(FailureAnalysis.TextCharsMax)]
    string Explanation,
    [property: Range(0.0, 1.0)] double? Confidence = null)
{
    /// <summary>Characters of a file's path.</summary>
    public const int FileCharsMax = 400;
}
