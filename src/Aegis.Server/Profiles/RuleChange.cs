using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Problems;

namespace Aegis.Server.Profiles;

/// <summary>What a new profile does to the Auditor's rules: who may change them, with which reason, and the
/// fact that says so.</summary>
internal sealed class RuleChange(SetProfileRequest request, Principal by, DateTimeOffset now)
{
    /// <summary>Null where the rules stay as they are.</summary>
    public RunEvent? FactOf(ProjectProfile? newest, int version, string factId)
    {
        var (before, after) = (RulesOf(newest?.Yaml), RulesOf(request.Yaml));
        var changes = AuditRules.Changes(before, after);
        if (changes.IsEmpty)
        {
            return null;
        }
        if (!by.Holds(Scopes.ApprovalsWrite))
        {
            throw new AegisException(DoorErrors.ScopeMissing(Scopes.ApprovalsWrite));
        }
        foreach (var change in changes)
        {
            Judge(change);
        }
        var shipped = RuleSet.Find(AuditVeto.RulesetRequired)!;
        return new AuditRulesChanged(factId, version, shipped.With(before, now).Hash,
            shipped.With(after, now).Hash, changes, request.Reason, by.Actor);
    }

    private void Judge(AuditRuleChange change)
    {
        if (change.Loosens && change.Reason is null && request.Reason is null)
        {
            throw new AegisException(new AegisError("AEGIS2650",
                $"the Auditor's rule {change.Rule} is loosened without a reason, from {change.From} to "
                    + change.To, "a reason", "none",
                "store the profile with one: aegis profile set --reason"));
        }
        var last = DateOnly.FromDateTime(now.UtcDateTime).AddDays(AuditRules.WaiverDaysMax);
        if (change.Until > last)
        {
            throw new AegisException(new AegisError("AEGIS2654",
                $"the Auditor's rule {change.Rule} is loosened for too long",
                $"until {last:yyyy-MM-dd} at most",
                $"{change.Until:yyyy-MM-dd}", "loosen it for less, and again then if need be"));
        }
    }

    // one that was stored under another version of the product may be unreadable now: it says nothing
    private static AuditRules RulesOf(string? yaml) => yaml is null ? AuditRules.None
        : ProfileParser.Parse(yaml, "profile.yaml").Value?.Policies.AuditRules ?? AuditRules.None;
}
