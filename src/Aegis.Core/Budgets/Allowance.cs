using System.Collections.Immutable;

namespace Aegis.Core.Budgets;

/// <summary>How much somebody may use in each calendar day and month (UTC) and for good; null is without a
/// limit.</summary>
/// <param name="TokensMonth">Of models, input and output together.</param>
/// <param name="CallsMonth">Of tools.</param>
public sealed record Allowance(
    decimal? UsdDay = null, decimal? UsdMonth = null, decimal? UsdTotal = null,
    long? TokensDay = null, long? TokensMonth = null, long? TokensTotal = null,
    long? CallsDay = null, long? CallsMonth = null, long? CallsTotal = null)
{
    public static Allowance None { get; } = new();

    /// <summary>The limits that it sets a holder.</summary>
    public ImmutableArray<BudgetLimit> Of(int tenant, BudgetScope scope, string holder)
    {
        var limits = ImmutableArray.CreateBuilder<BudgetLimit>();
        void Add(BudgetUnit unit, BudgetPeriod period, decimal? most)
        {
            if (most is { } amount)
            {
                limits.Add(new BudgetLimit(tenant, scope, holder, period, unit, amount));
            }
        }
        Add(BudgetUnit.Usd, BudgetPeriod.Day, UsdDay);
        Add(BudgetUnit.Usd, BudgetPeriod.Month, UsdMonth);
        Add(BudgetUnit.Usd, BudgetPeriod.Total, UsdTotal);
        Add(BudgetUnit.Tokens, BudgetPeriod.Day, TokensDay);
        Add(BudgetUnit.Tokens, BudgetPeriod.Month, TokensMonth);
        Add(BudgetUnit.Tokens, BudgetPeriod.Total, TokensTotal);
        Add(BudgetUnit.Calls, BudgetPeriod.Day, CallsDay);
        Add(BudgetUnit.Calls, BudgetPeriod.Month, CallsMonth);
        Add(BudgetUnit.Calls, BudgetPeriod.Total, CallsTotal);
        return limits.ToImmutable();
    }
}
