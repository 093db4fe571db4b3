using System.Collections.Immutable;
using Aegis.Core.Findings;

namespace Aegis.Core.Runs.Events;

/// <summary>A project's Auditor judges by other rules from here on, in the project's stream
/// <c>audit-rules</c>.</summary>
/// <param name="ProfileVersion">The version of the profile that says so.</param>
/// <param name="FromHash">Of the rule set before, 64 hex digits: what verdicts carry.</param>
/// <param name="Reason">Why, as whoever stored the profile says.</param>
public sealed record AuditRulesChanged(string FactId, int ProfileVersion, string FromHash, string ToHash,
    ImmutableArray<AuditRuleChange> Changes, string? Reason, string Actor) : RunEvent;
