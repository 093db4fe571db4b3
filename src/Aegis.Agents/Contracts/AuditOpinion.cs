using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>Findings beside those of the scanners; none is taken away by it.</summary>
public sealed record AuditOpinion(
    [property: Length(0, ContractText.ListMax)] ImmutableArray<AuditFinding> Findings,
    [property: StringLength(ContractText.TextMax)] string? Summary = null);

/// <param name="Line">From 1; null for the whole file.</param>
/// <param name="Mend">What would mend it.</param>
public sealed record AuditFinding(
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string Rule,
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string File,
    [property: Range(1, 10_000_000)] int? Line,
    Severity Severity,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Message,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Mend);

public enum Severity
{
    Low,
    Medium,
    High,
    Critical,
}
