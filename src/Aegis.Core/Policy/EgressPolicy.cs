using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>Judges where a run may connect to, by its egress_allow. Default is deny; an entry that cannot be
/// read allows nothing.</summary>
public static class EgressPolicy
{
    private const int ShownMax = 5;

    /// <summary>The entry that covers the target, one with a port of its own before others, or the
    /// refusal.</summary>
    public static EgressDecision Decide(ImmutableArray<string> entries, EgressTarget target)
    {
        var rule = entries.Select(EgressRule.Parse).OfType<EgressRule>().Where(rule => rule.Covers(target))
            .OrderByDescending(rule => rule.Port is not null).FirstOrDefault();
        return rule is not null ? new EgressDecision(rule, null) : new EgressDecision(null, new AegisError(
            "AEGIS2161", $"the policy does not allow to connect to {target}", "a host of policy.egress_allow",
            entries.Length == 0 ? "egress_allow is empty" : Shown(entries),
            $"add \"{(target.Port is 80 or 443 ? target.Host : target)}\" to policy.egress_allow"));
    }

    private static string Shown(ImmutableArray<string> entries) =>
        string.Join(", ", entries.Take(ShownMax)) + (entries.Length > ShownMax ? ", …" : "");
}

/// <summary>Exactly one of the two is set.</summary>
public sealed record EgressDecision(EgressRule? Rule, AegisError? Error);
