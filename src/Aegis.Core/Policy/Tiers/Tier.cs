using System.Collections.Immutable;
using Aegis.Core.Budgets;

namespace Aegis.Core.Policy.Tiers;

/// <summary>A tenant's or a key's commercial level: the commands that its calls may run, whatever a workflow
/// allows, and how much it may use. Where a tenant and its key both have one, both hold.</summary>
/// <param name="Commands">As of allow_commands.</param>
public sealed record Tier(string Name, ImmutableArray<string> Commands, TierQuotas Quotas);

/// <summary>What a tier may use.</summary>
/// <param name="CallsMinute">Calls of tools a minute; null is without a limit.</param>
public sealed record TierQuotas(int? CallsMinute, Allowance Uses)
{
    public static TierQuotas None { get; } = new(null, Allowance.None);
}

/// <param name="Holder">Whose tier it is, such as <c>tenant acme</c>; its rates are counted there.</param>
public sealed record TierGrant(Tier Tier, string Holder);
