using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>What a reviewer thinks of a change.</summary>
/// <param name="Verdict">approve or request_changes.</param>
public sealed record ReviewReport(
    [property: AllowedValues("approve", "request_changes")] string Verdict,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Summary,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<ReviewComment> Comments);

public sealed record ReviewComment(
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string File,
    [property: Range(1, 10_000_000)] int? Line,
    Severity Severity,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Text);
