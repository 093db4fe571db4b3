namespace Aegis.Client;

/// <summary>What the ledger shows for criteria of SOC 2 in a time.</summary>
/// <param name="Verdict">The project's chains as they verified with it.</param>
/// <param name="Unserved">Criteria that no ledger can speak for, with the reason.</param>
public sealed record AuditEvidence(string Tenant, string Project, DateTimeOffset From, DateTimeOffset To,
    string CatalogueHash, AuditVerdict Verdict, IReadOnlyList<ControlEvidence> Controls,
    IReadOnlyDictionary<string, string> Unserved);

/// <param name="Note">"no evidence in this period", or null.</param>
/// <param name="Human">What a person must show.</param>
public sealed record ControlEvidence(string Id, string Title, long Count, DateTimeOffset? First,
    DateTimeOffset? Last, string? Note, IReadOnlyList<TypeEvidence> Events,
    IReadOnlyList<RecordEvidence> Records, IReadOnlyList<string> Tables, IReadOnlyList<string> Doors,
    string Human);

/// <param name="Sample">The newest, at most five.</param>
public sealed record TypeEvidence(string Type, long Count, DateTimeOffset? First, DateTimeOffset? Last,
    IReadOnlyList<EvidenceEvent> Sample);

/// <summary>Found again in the export by its stream, version and hash.</summary>
/// <param name="Intact">False where the verification names this event.</param>
public sealed record EvidenceEvent(
    string Stream, int Version, DateTimeOffset At, string Hash, bool Intact, bool Erased);

/// <summary>Rows of a table, which are in no chain.</summary>
public sealed record RecordEvidence(string Kind, string Table, long Count, DateTimeOffset? First,
    DateTimeOffset? Last, IReadOnlyList<string> Sample);

/// <summary>The Auditor's rules as they are in force.</summary>
public sealed record AuditRuleSet(string Ruleset, string Hash, string BlocksFrom, int? ProfileVersion,
    IReadOnlyList<AuditRuleWord> Changes);

/// <param name="Until">The last day that it holds; null for good.</param>
public sealed record AuditRuleWord(string Rule, string Severity, string? Reason, string? Until, bool InForce);
