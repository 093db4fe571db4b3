namespace Aegis.Core.Runs.Events;

/// <summary>A mistake became a vaccine; in the stream <c>vaccine/ID</c>, like those below.</summary>
/// <param name="Check">JSON; null where it is only told.</param>
public sealed record VaccineMinted(string FactId, string VaccineId, string Scope, string ErrorPattern,
    string SolutionInstruction, string Severity, string OriginAgent, string? Language, string? Check,
    string Actor) : RunEvent;

/// <summary>The same mistake was minted again.</summary>
public sealed record VaccineMerged(
    string FactId, string VaccineId, long Hits, long Recurred, string OriginAgent, string Actor) : RunEvent;

/// <summary>A call was stopped; in the stream of the project that made it.</summary>
/// <param name="Place">File and line, or the column of a command line.</param>
public sealed record VaccinePrevented(string FactId, string VaccineId, string Tool, string Place,
    string? CallId, string Actor) : RunEvent;

/// <summary>Somebody says that it stopped good code.</summary>
public sealed record VaccineReported(
    string FactId, string VaccineId, string Reason, string Actor) : RunEvent;

public sealed record VaccineRevoked(
    string FactId, string VaccineId, string Reason, string Actor) : RunEvent;

/// <summary>It binds more than before.</summary>
public sealed record VaccinePromoted(
    string FactId, string VaccineId, string Scope, string Actor) : RunEvent;

/// <summary>It has helped nobody for long.</summary>
public sealed record VaccineFaded(string FactId, string VaccineId) : RunEvent;
