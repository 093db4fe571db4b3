using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Aegis.Core.Findings;

namespace Aegis.Tools.Quality;

/// <summary>What a model thinks of the code. It adds findings; it takes none away and calls none
/// lighter.</summary>
/// <param name="Findings">At most 200.</param>
public sealed record AuditOpinion(
    [property: Length(0, AuditOpinion.FindingsMax)] ImmutableArray<OpinionFinding> Findings)
{
    public const int FindingsMax = 200;

    /// <summary>The scanner that its findings stand under.</summary>
    public const string Tool = "opinion";

    internal ScannerReport Report()
    {
        ImmutableArray<Finding> findings = [.. Findings.Select(finding => new Finding(finding.Rule, Tool,
            Enum.Parse<FindingSeverity>(finding.Severity, ignoreCase: true), finding.File, finding.Line, null,
            finding.Message, finding.Mend))];
        return new(new ScannerRun(Tool, true, null, 0, findings.Length, "a model's; it only adds"), findings);
    }
}

/// <param name="Severity">note, warning or error.</param>
/// <param name="File">Relative to the audited folder.</param>
public sealed record OpinionFinding(
    [property: RegularExpression("[a-z0-9][a-z0-9.-]{0,63}",
        ErrorMessage = "a rule is lower-case letters, digits, dots and hyphens")] string Rule,
    [property: RegularExpression("note|warning|error", ErrorMessage = "severity is note, warning or error")]
    string Severity,
    [property: StringLength(4096, MinimumLength = 1)] string File,
    [property: Range(1, 10_000_000)] int Line,
    [property: StringLength(2000, MinimumLength = 1)] string Message,
    [property: StringLength(2000)] string? Mend = null);
