using Aegis.Core.Audit;
using Aegis.Core.Findings;
using Aegis.Server.OpenApi;

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

/// <param name="Hash">What a verdict must carry to open the gate now.</param>
/// <param name="ProfileVersion">The profile that changes them; null for none.</param>
/// <param name="Changes">What the project says of single rules, those that have ended too.</param>
public sealed record AuditRulesAnswer(string Ruleset, string Hash,
    [property: OneOf("note warning error")] string BlocksFrom, int? ProfileVersion,
    IReadOnlyList<AuditRuleAnswer> Changes)
{
    public static AuditRulesAnswer Of(RuleSet shipped, AuditRules own, int? version, DateTimeOffset now)
    {
        var rules = shipped.With(own, now);
        return new(rules.Name, rules.Hash, rules.BlocksFrom.ToString().ToLowerInvariant(), version,
            [.. own.Rules.Select(r => new AuditRuleAnswer(r.Key, r.Value.Word, r.Value.Reason,
                r.Value.Until?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                r.Value.IsInForce(now)))]);
    }
}

/// <param name="Until">The last day, of UTC, that it holds; null for good.</param>
public sealed record AuditRuleAnswer(string Rule, [property: OneOf("off note warning error")] string Severity,
    string? Reason, string? Until, bool InForce);
