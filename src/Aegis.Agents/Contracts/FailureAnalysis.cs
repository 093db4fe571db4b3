using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>Why tests failed and what would mend it: the JSON of document 2.</summary>
/// <param name="ConfidenceScore">0 to 1.</param>
/// <param name="EstimatedComplexity">low, medium or high.</param>
public sealed record FailureAnalysis(
    [property: Length(1, ContractText.ListMax)] ImmutableArray<string> RootCauses,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<FixSuggestion> FixSuggestions,
    [property: Range(0.0, 1.0)] double ConfidenceScore,
    [property: AllowedValues("low", "medium", "high")] string EstimatedComplexity);

/// <param name="CurrentCode">As it stands in the file.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record FixSuggestion(
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string File,
    [property: Range(1, 10_000_000)] int LineNumber,
    [property: Required(AllowEmptyStrings = true), StringLength(ContractText.LongMax)] string CurrentCode,
    [property: Required(AllowEmptyStrings = true), StringLength(ContractText.LongMax)] string FixedCode,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Explanation,
    [property: Range(0.0, 1.0)] double Confidence);
