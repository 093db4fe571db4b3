using Aegis.Core.Errors;

namespace Aegis.Core.Budgets;

public static class BudgetErrors
{
    /// <summary>A limit has not enough left for a call.</summary>
    /// <param name="left">Of the limit, for all nodes.</param>
    public static AegisError Spent(BudgetLimit limit, decimal needed, decimal left, DateTimeOffset now)
    {
        var unit = limit.Unit == BudgetUnit.Usd ? "USD" : "tokens";
        var period = limit.Period switch
        {
            BudgetPeriod.Day => "of this day",
            BudgetPeriod.Month => "of this month",
            _ => "",
        };
        var until = BudgetWindow.Of(limit.Period, now).Until;
        return new("AEGIS2370",
            $"the budget {period} of {limit.Scope.ToString().ToLowerInvariant()} {limit.Holder} is used"
                .Replace("  ", " ", StringComparison.Ordinal),
            $"at most {limit.Most} {unit}", $"the call may need {needed} {unit}, {left} {unit} are left",
            until is { } next ? $"wait until {next:yyyy-MM-dd HH:mm} UTC, ask for less, or raise the limit"
                : "ask for less, or raise the limit");
    }
}
