using Aegis.Core.Errors;

namespace Aegis.Core.Budgets;

/// <summary>Whose spending a limit bounds.</summary>
public enum BudgetScope
{
    Run,
    Project,
    Tenant,
    Key,
    User,
}

public enum BudgetPeriod
{
    /// <summary>For good.</summary>
    Total,

    /// <summary>A calendar month, UTC.</summary>
    Month,

    /// <summary>A calendar day, UTC.</summary>
    Day,
}

public enum BudgetUnit
{
    Usd,
    Tokens,
}

/// <summary>At most so much in each period.</summary>
/// <param name="Holder">The id of the run, project, tenant, key or user; of a project <c>tenant/project</c>,
/// because a project's id is its tenant's own.</param>
/// <param name="Most">US dollars, exactly, or tokens.</param>
public sealed record BudgetLimit(BudgetScope Scope, string Holder, BudgetPeriod Period, BudgetUnit Unit,
    decimal Most)
{
    public const decimal AmountMax = 1_000_000_000_000m;

    public AegisError? Check() =>
        Most is < 0 or > AmountMax || Most != Money.Down(Most)
            || (Unit == BudgetUnit.Tokens && Most != decimal.Truncate(Most))
            ? new("AEGIS2371", $"the budget of {Scope} {Holder} cannot be held",
                $"an amount from 0 to {AmountMax} with at most {Money.Places} places, in whole tokens "
                    + "where it is tokens", $"{Most} {Unit}")
            : null;

    /// <summary>The part of this limit that counts at a moment.</summary>
    public BudgetKey At(DateTimeOffset now) =>
        new(Scope, Holder, Period, Unit, BudgetWindow.Of(Period, now).From);
}

/// <summary>A limit in one of its periods: what is counted, leased and reserved together.</summary>
/// <param name="From">The first day of the period; the first day of all for <see
/// cref="BudgetPeriod.Total"/>.</param>
public readonly record struct BudgetKey(BudgetScope Scope, string Holder, BudgetPeriod Period,
    BudgetUnit Unit, DateOnly From)
{
    public override string ToString() => $"{Scope} {Holder} {Unit} per {Period} from {From:yyyy-MM-dd}";
}

/// <summary>A period of the calendar, UTC.</summary>
/// <param name="Until">When the next one begins; null for the one that never ends.</param>
public readonly record struct BudgetWindow(DateOnly From, DateTimeOffset? Until)
{
    public static BudgetWindow Of(BudgetPeriod period, DateTimeOffset at)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var month = new DateOnly(day.Year, day.Month, 1);
        return period switch
        {
            BudgetPeriod.Day => new(day, Midnight(day.AddDays(1))),
            BudgetPeriod.Month => new(month, Midnight(month.AddMonths(1))),
            _ => new(DateOnly.MinValue, null),
        };
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
