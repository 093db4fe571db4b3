namespace Aegis.Server.Audit;

/// <param name="Findings">What does not hold, one line each, at most 100.</param>
public sealed record AuditVerdictAnswer(bool Ok, int Streams, long Events, IReadOnlyList<string> Findings);
