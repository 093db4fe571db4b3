namespace Aegis.Core.Findings;

/// <summary>How grave a finding is. Ordered: a rule set blocks from one of these upward.</summary>
public enum FindingSeverity
{
    Note,
    Warning,
    Error,
}

/// <summary>One thing a scanner found. Lines and columns count from 1.</summary>
/// <param name="Rule">The scanner's own name for it, such as <c>no-eval</c> or <c>B602</c>.</param>
/// <param name="Tool">The scanner.</param>
/// <param name="File">Relative to the reviewed folder.</param>
/// <param name="Mend">What helps; null where the scanner does not say.</param>
public sealed record Finding(string Rule, string Tool, FindingSeverity Severity, string File, int Line,
    int? Column,
    string Message, string? Mend = null);

/// <summary>What became of one scanner. A scanner that did not run has found nothing and passed
/// nothing.</summary>
/// <param name="Reason">Why it did not run, or what of the work it left out.</param>
public sealed record ScannerRun(string Name, bool Ran, string? Version, int FilesScanned, int Findings,
    string? Reason);
