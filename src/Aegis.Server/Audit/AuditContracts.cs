using Aegis.Core.Audit;

namespace Aegis.Server.Audit;

/// <param name="Findings">What does not hold, one line each.</param>
/// <param name="More">Findings left out.</param>
public sealed record AuditVerdictAnswer(bool Ok, long Streams, long Events, long Erased, int Checkpoints,
    string? KeyFingerprint, IReadOnlyList<string> Findings, long More)
{
    public static AuditVerdictAnswer Of(AuditReport report) =>
        new(report.IsIntact, report.Streams, report.Events, report.Erased, report.Checkpoints,
            report.KeyFingerprint, [.. report.Issues.Select(i => i.ToString())], report.More);
}
