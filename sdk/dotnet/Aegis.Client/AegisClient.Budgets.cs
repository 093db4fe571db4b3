namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>The limits that bound the calls of this key, and what is left of them.</summary>
    public Task<Listing<Budget>> ListBudgetsAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, "v1/budgets?limit=200", null, ClientJson.Default.ListingBudget, cancel);
}

/// <param name="Scope">tenant, key, project or user.</param>
/// <param name="Period">day, month or total.</param>
/// <param name="Unit">usd, tokens or calls.</param>
/// <param name="Held">Reserved for calls on their way, and held by other servers.</param>
/// <param name="EndsAt">When the next period begins; null for a limit that stands for good.</param>
public sealed record Budget(string Scope, string Holder, string Period, string Unit, decimal Limit,
    decimal Spent, decimal Held, decimal Left, DateTimeOffset? EndsAt);
