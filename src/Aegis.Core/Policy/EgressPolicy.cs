using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>Judges where a run may connect to: by its workflow's egress_allow, and by its profile's where
/// that has one. Default is deny, both must allow, and an entry that cannot be read allows nothing.</summary>
public static class EgressPolicy
{
    private const int ShownMax = 5;

    /// <summary>The entry of the workflow that covers the target, one with a port of its own before others,
    /// or the refusal.</summary>
    /// <param name="ceiling">egress_allow of the profile; null where it has none.</param>
    public static EgressDecision Decide(ImmutableArray<string> entries, EgressTarget target,
        ImmutableArray<string>? ceiling = null) =>
        Decide(entries, target, ceiling, rule => rule.Covers(target));

    /// <summary>The same for a place of which method and path are asked about later: whether any entry may
    /// cover something there.</summary>
    public static EgressDecision DecidePlace(ImmutableArray<string> entries, EgressTarget place,
        ImmutableArray<string>? ceiling = null) =>
        Decide(entries, place, ceiling, rule => rule.CoversPlace(place));

    private static EgressDecision Decide(ImmutableArray<string> entries, EgressTarget target,
        ImmutableArray<string>? ceiling, Func<EgressRule, bool> covers)
    {
        if (Find(entries, covers) is not { } rule)
        {
            return new EgressDecision(null, new AegisError("AEGIS2161",
                $"the policy does not allow to connect to {target}", "a host of policy.egress_allow",
                Shown(entries), $"add \"{Entry(target)}\" to policy.egress_allow"));
        }
        return ceiling is { } bound && Find(bound, covers) is null
            ? new EgressDecision(null, new AegisError("AEGIS3113",
                $"the profile does not allow to connect to {target}", "a host of the profile's egress_allow",
                Shown(bound), $"whoever keeps the profile can add \"{Entry(target)}\" to its egress_allow"))
            : new EgressDecision(rule, null);
    }

    private static EgressRule? Find(ImmutableArray<string> entries, Func<EgressRule, bool> covers) =>
        entries.Select(EgressRule.Parse).OfType<EgressRule>().Where(covers)
            .OrderByDescending(rule => rule.Port is not null).FirstOrDefault();

    private static string Entry(EgressTarget target) =>
        target.Port is 80 or 443 ? target.Host : target.ToString();

    private static string Shown(ImmutableArray<string> entries) => entries.Length == 0
        ? "egress_allow is empty"
        : string.Join(", ", entries.Take(ShownMax)) + (entries.Length > ShownMax ? ", …" : "");
}

/// <summary>Exactly one of the two is set.</summary>
public sealed record EgressDecision(EgressRule? Rule, AegisError? Error);
