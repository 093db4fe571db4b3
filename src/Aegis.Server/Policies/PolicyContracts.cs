using System.Text.Json;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Tiers;
using Aegis.Gate.Admission;
using Aegis.Gate.Policies;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Tools;

namespace Aegis.Server.Policies;

/// <summary>A call that is not made.</summary>
public sealed record ExplainCallRequest : DoorRequest
{
    [Chars(1, ToolPattern.LengthMax)]
    public required string Tool { get; init; }

    public JsonElement? Input { get; init; }

    public CallPolicyRequest? Policy { get; init; }
}

public sealed record ReplayPolicyRequest : DoorRequest
{
    /// <summary>Runs that began from then on.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>A profile.yaml to judge by; the stored one where it is left out.</summary>
    public string? Profile { get; init; }
}

/// <param name="Decision"><c>allow</c>, <c>ask</c> or <c>deny</c>.</param>
/// <param name="Stage">Where it was decided: the last stage that was asked.</param>
/// <param name="Rule">The deciding rule.</param>
/// <param name="Rules">Every rule that had a say, in the order of the stages.</param>
/// <param name="RetryAfterMs">Of a rate limit.</param>
/// <param name="PolicyVersion">An approval holds for one.</param>
public sealed record ExplanationAnswer(string Decision, string Stage, string? Rule,
    IReadOnlyList<RuleWordAnswer> Rules, CallErrorAnswer? Error, long? RetryAfterMs, string PolicyVersion,
    IReadOnlyList<QuotaLeftAnswer> Quotas)
{
    public static ExplanationAnswer Of(Explanation e, string version) => new(
        DecisionWord.Of(e.Decision),
        e.Admission.Stage ?? "", e.Admission.Rule, [.. e.Words.Select(RuleWordAnswer.Of)],
        CallErrorAnswer.Of(e.Admission.Denial),
        e.Admission.RetryAfter > TimeSpan.Zero ? (long)e.Admission.RetryAfter.TotalMilliseconds : null,
        version, [.. e.Quotas.Select(QuotaLeftAnswer.Of)]);
}

/// <summary>How much of a quota is left, as this server sees it.</summary>
/// <param name="Quota"><c>calls</c>, <c>calls of WHAT</c>, <c>tokens</c> or <c>usd</c>.</param>
/// <param name="Wanted">The most that the call can use of it; null where that is nothing or not
/// known.</param>
/// <param name="Refuses">Whether the call would be refused for it.</param>
public sealed record QuotaLeftAnswer(string Holder, string Quota,
    [property: OneOf(QuotaLeftAnswer.Periods)] string Period, decimal Limit, decimal Left,
    decimal? Wanted, bool Refuses)
{
    public const string Periods = "minute day month total";

    internal static QuotaLeftAnswer Of(QuotaLeft q) =>
        new(q.Holder, q.Quota, q.Period, q.Limit, q.Left, q.Wanted, q.Refuses);
}

internal static class DecisionWord
{
    public static string Of(Decision decision) =>
        decision switch { Decision.Allow => "allow", Decision.Ask => "ask", _ => "deny" };
}

/// <param name="Judged">What it judged: a command of the line, or the tool.</param>
public sealed record RuleWordAnswer(
    string Stage, string Rule, string Decision, string Judged, string Reason, string? Mend)
{
    internal static RuleWordAnswer Of(StageWord w) => new(w.Stage, w.Rule.Rule,
        DecisionWord.Of(w.Rule.Decision), w.Rule.Command, w.Rule.Reason, w.Rule.Mend);
}

/// <param name="Calls">That were judged again.</param>
/// <param name="Skipped">Whose input or plan is not in the ledger's events (over 16 KiB, or erased).</param>
/// <param name="Changed">Those that would be decided otherwise.</param>
/// <param name="More">There were more runs, or more changed calls, than one answer holds.</param>
public sealed record ReplayAnswer(
    int Runs, int Calls, int Skipped, IReadOnlyList<ReplayedCallAnswer> Changed, bool More);

public sealed record ReplayedCallAnswer(string RunId, string StepId, int Attempt, string Tool,
    DateTimeOffset At, string Was, string Would, string? Rule, string? Reason);

/// <param name="Commands">As of a workflow's allow_commands.</param>
public sealed record TierAnswer(string Name, IReadOnlyList<string> Commands, int? CallsMinute,
    long? CallsDay, long? CallsMonth, long? CallsTotal, long? TokensDay, long? TokensMonth,
    long? TokensTotal, decimal? UsdDay, decimal? UsdMonth, decimal? UsdTotal)
{
    public static TierAnswer Of(Tier t)
    {
        var uses = t.Quotas.Uses;
        return new(t.Name, t.Commands, t.Quotas.CallsMinute, uses.CallsDay, uses.CallsMonth, uses.CallsTotal,
            uses.TokensDay, uses.TokensMonth, uses.TokensTotal, uses.UsdDay, uses.UsdMonth, uses.UsdTotal);
    }
}

/// <summary>A tier to give a tenant; null takes it away.</summary>
public sealed record SetTenantTierRequest : DoorRequest
{
    [Id]
    public required string Tenant { get; init; }

    public string? Tier { get; init; }
}

/// <summary>A tier to give; null takes it away.</summary>
public sealed record SetTierRequest : DoorRequest
{
    public string? Tier { get; init; }
}
