using Aegis.Core.Errors;

namespace Aegis.Core.Budgets;

public static class BudgetErrors
{
    /// <summary>A limit has not enough left for a call: AEGIS2508 for calls, AEGIS2370 for what models
    /// use.</summary>
    /// <param name="left">Of the limit, for all nodes.</param>
    public static AegisError Spent(BudgetLimit limit, decimal needed, decimal left, DateTimeOffset now)
    {
        var unit = UnitOf(limit.Unit);
        var until = BudgetWindow.Of(limit.Period, now).Until;
        return new(limit.Unit == BudgetUnit.Calls ? "AEGIS2508" : "AEGIS2370",
            $"the budget {PeriodOf(limit.Period)}of {limit.Whose} is used",
            $"at most {Money.Shown(limit.Most)} {unit}",
            $"the call may need {Money.Shown(needed)} {unit}, {Money.Shown(left)} {unit} are left",
            until is { } next ? $"wait until {next:yyyy-MM-dd HH:mm} UTC, ask for less, or raise the limit"
                : "ask for less, or raise the limit");
    }

    /// <summary>This node has nothing to lease from: it was fenced, or has not started yet.</summary>
    public static AegisError NoLedger() => new("AEGIS2374",
        "this node may not spend", "a node that holds its lease", "one that was fenced, stops or starts",
        "try again: another node takes over within seconds");

    /// <summary>More holders spend at once on a node than it keeps blocks for.</summary>
    public static AegisError TooMany(string what, long most) => new("AEGIS2375",
        $"too many {what} at once on this node", $"at most {most}", "one more", "try again in some seconds");

    private static string UnitOf(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Usd => "USD",
        BudgetUnit.Tokens => "tokens",
        _ => "calls",
    };

    private static string PeriodOf(BudgetPeriod period) => period switch
    {
        BudgetPeriod.Day => "of this day ",
        BudgetPeriod.Month => "of this month ",
        _ => "",
    };
}
