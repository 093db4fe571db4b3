using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate.Policies;

namespace Aegis.Gate.Admission.Stages;

/// <summary>So many calls a minute: for the project by the profile's rate_limits, for the tenant and the key
/// by their tiers.</summary>
internal sealed class RateLimitStage(RateLimiter rates) : GateStage
{
    public override string Name => "rate_limit";

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so)
    {
        if (!order.Rules.LimitsRates)
        {
            return null;
        }
        var claims = Claims(order);
        var wait = rates.Take(claims, so.Takes, out var lacking);
        if (wait == TimeSpan.Zero)
        {
            return null;
        }
        so.RetryAfter = wait;
        return so.Deny($"rate_limit: {lacking.What}", new AegisError("AEGIS2503",
            $"{lacking.Owner} calls {lacking.What} too often", $"at most {lacking.PerMinute} a minute", null,
            $"try again in {Math.Ceiling(wait.TotalSeconds):0} s"));
    }

    /// <summary>What is left of the minutes that count such a call.</summary>
    public IEnumerable<QuotaLeft> Left(CallOrder order) => Claims(order).Select(c =>
        new QuotaLeft(c.Owner, $"calls of {c.What}", "minute", c.PerMinute, rates.Left(c), 1));

    private static List<RateClaim> Claims(CallOrder order)
    {
        var claims = new List<RateClaim>();
        foreach (var (pattern, perMinute) in order.Rules.Profile.RequestsPerMinute)
        {
            if (ToolPattern.Covers(pattern, order.Tool))
            {
                claims.Add(new RateClaim($"project {order.Principal.Tenancy}", pattern, perMinute));
            }
        }
        foreach (var (tier, holder) in order.Rules.Tiers)
        {
            if (tier.Quotas.CallsMinute is { } perMinute)
            {
                claims.Add(new RateClaim(holder, "tools", perMinute));
            }
        }
        return claims;
    }
}
