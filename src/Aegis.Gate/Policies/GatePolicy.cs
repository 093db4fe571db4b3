using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;
using Aegis.Core.Vaccines;
using Aegis.Gate.Budgets;

namespace Aegis.Gate.Policies;

/// <summary>What a project's and a key's calls are held to beside the workflow's own policy.</summary>
/// <param name="Version">Changes whenever any of it may have changed; an approval holds for one.</param>
/// <param name="Tiers">All of them must allow a command.</param>
/// <param name="Broken">It could not be read: nothing is allowed.</param>
public sealed record GatePolicy(string Version, ProfilePolicies Profile, ImmutableArray<TierGrant> Tiers,
    AegisError? Broken = null)
{
    /// <summary>Of a project without a profile and a tenant without a tier: nothing to say.</summary>
    public static GatePolicy Open { get; } = new("", ProfilePolicies.Empty, []);

    /// <summary>Whether some calls are counted by the minute.</summary>
    public bool LimitsRates { get; } =
        !Profile.RequestsPerMinute.IsEmpty || Tiers.Any(t => t.Tier.Quotas.CallsMinute is not null);

    /// <summary>What the caller may use by day, month and in all.</summary>
    public CallLimits Limits { get; init; } = CallLimits.None;

    /// <summary>The Auditor's rules as the project has them now; null where no project is known.</summary>
    public RuleSet? Audit { get; init; }

    /// <summary>What failures of the past forbid.</summary>
    public VaccineGuard Vaccines { get; init; } = VaccineGuard.None;

    /// <summary>Whether calls are counted by the day, by the month or for good.</summary>
    public bool LimitsCalls => !Limits.Calls.IsEmpty;
}
