using System.Collections.Immutable;
using Aegis.Core.Budgets;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;

namespace Aegis.Gate.Budgets;

/// <summary>The limits of one who calls, worked out once for each version of the policy.</summary>
/// <param name="Calls">Each call of a tool takes one of each.</param>
/// <param name="Spending">Dollars and tokens of models' calls.</param>
public sealed record CallLimits(LimitSet Calls, LimitSet Spending)
{
    public static CallLimits None { get; } = new(LimitSet.None, LimitSet.None);

    /// <summary>Of the tenant and the key by their tiers, of the project and each user by the
    /// profile.</summary>
    /// <param name="tenant">The ledger's key.</param>
    public static CallLimits Of(int tenant, Principal by, ProfilePolicies profile,
        ImmutableArray<TierGrant> tiers)
    {
        ImmutableArray<BudgetLimit> all =
        [
            .. tiers.SelectMany(t => t.Holder == by.Actor
                ? t.Tier.Quotas.Uses.Of(tenant, BudgetScope.Key, by.Actor)
                : t.Tier.Quotas.Uses.Of(tenant, BudgetScope.Tenant, by.Tenancy.Tenant)),
            .. profile.Quotas.Of(tenant, BudgetScope.Project, by.Tenancy.Project),
            .. profile.EachUser.Of(tenant, BudgetScope.User, $"{by.Tenancy.Project}/{by.Actor}"),
        ];
        return all.IsEmpty ? None : new(
            new([.. all.Where(l => l.Unit == BudgetUnit.Calls)]),
            new([.. all.Where(l => l.Unit != BudgetUnit.Calls)]));
    }
}
