using System.Collections.Immutable;

namespace Aegis.Gate.Policies;

/// <summary>So much in a calendar month, UTC.</summary>
/// <param name="Holder">Whose it is: <c>tenant acme</c>, <c>key:…</c>, <c>project web</c>.</param>
/// <param name="Quota"><c>calls</c> or <c>tokens</c>.</param>
public readonly record struct QuotaClaim(string Holder, string Quota, long Limit)
{
    private const string TokensMonth = "tokens_month";

    public static ImmutableArray<QuotaClaim> Calls(GatePolicy rules) =>
    [
        .. rules.Tiers.Where(t => t.Tier.Quotas.CallsMonth is not null)
            .Select(t => new QuotaClaim(t.Holder, "calls", t.Tier.Quotas.CallsMonth!.Value)),
    ];

    public static ImmutableArray<QuotaClaim> Tokens(GatePolicy rules, Principal by)
    {
        var claims = ImmutableArray.CreateBuilder<QuotaClaim>();
        foreach (var (tier, holder) in rules.Tiers)
        {
            if (tier.Quotas.TokensMonth is { } limit)
            {
                claims.Add(new QuotaClaim(holder, "tokens", limit));
            }
        }
        if (rules.Profile.Quotas.TryGetValue(TokensMonth, out var month))
        {
            claims.Add(new QuotaClaim($"project {by.Tenancy.Project}", "tokens", month));
        }
        return claims.ToImmutable();
    }
}
