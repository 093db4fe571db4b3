using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Core.Errors;

namespace Aegis.Tools.Repair;

/// <summary>Why tests fail, and what would mend it.</summary>
/// <param name="ConfidenceScore">0 to 1, of the whole.</param>
/// <param name="EstimatedComplexity">low, medium or high.</param>
public sealed record FailureAnalysis(ImmutableArray<string> RootCauses,
    ImmutableArray<FixSuggestion> FixSuggestions, double ConfidenceScore, string EstimatedComplexity)
{
    public const int RootCausesMax = 50;
    public const int FixesMax = 20;
    public const int TextCharsMax = 65_536;

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
        : it.RootCauses.Length > RootCausesMax ? $"more than {RootCausesMax} root causes"
        : it.FixSuggestions.Length > FixesMax ? $"more than {FixesMax} fixes"
        : it.EstimatedComplexity is not ("low" or "medium" or "high")
            ? "estimated_complexity is low, medium or high"
        : it.ConfidenceScore is not (>= 0 and <= 1) ? "confidence_score is 0 to 1"
        : it.FixSuggestions.Select((fix, i) => fix.Wrong is { } why ? $"fix {i + 1}: {why}" : null)
            .FirstOrDefault(why => why is not null);

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
/// <param name="CurrentCode">Whole lines, or a part of one line; nothing makes the file.</param>
/// <param name="Confidence">0 to 1; that of the whole analysis where it is left out.</param>
public sealed record FixSuggestion(string File, int LineNumber, string CurrentCode, string FixedCode,
    string Explanation, double? Confidence = null)
{
    internal string? Wrong => File.Length == 0 ? "file is empty"
        : LineNumber < 1 ? "line_number counts from 1"
        : Confidence is not (null or (>= 0 and <= 1)) ? "confidence is 0 to 1"
        : CurrentCode.Length > FailureAnalysis.TextCharsMax || FixedCode.Length > FailureAnalysis.TextCharsMax
            || Explanation.Length > FailureAnalysis.TextCharsMax
            ? $"a text has at most {FailureAnalysis.TextCharsMax} characters"
        : null;
}
