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

    /// <summary>Of models, input and output together.</summary>
    Tokens,

    /// <summary>Of tools.</summary>
    Calls,
}

/// <summary>At most so much in each period.</summary>
/// <param name="Tenant">The ledger's key of the tenant.</param>
/// <param name="Holder">The id of the run, project or tenant; of a key <c>key:ID</c>, of a user
/// <c>PROJECT/ACTOR</c>.</param>
/// <param name="Most">US dollars, exactly, or a whole number of tokens or calls.</param>
public sealed record BudgetLimit(int Tenant, BudgetScope Scope, string Holder, BudgetPeriod Period,
    BudgetUnit Unit, decimal Most)
{
    /// <summary>Of dollars.</summary>
    public const decimal AmountMax = 1_000_000_000_000m;

    /// <summary>Of tokens or calls.</summary>
    public const long CountMax = 1_000_000_000_000_000;

    /// <summary>For people, such as <c>project web</c>.</summary>
    public string Whose => Scope == BudgetScope.Key ? Holder
        : $"{Scope.ToString().ToLowerInvariant()} {Holder}";

    public AegisError? Check() =>
        Most < 0 || Most > (Unit == BudgetUnit.Usd ? AmountMax : CountMax)
            || Most != Money.Down(Most, Money.PlacesOf(Unit))
            ? new("AEGIS2371", $"the budget of {Whose} cannot be held",
                $"an amount from 0 to {AmountMax} with at most {Money.Places} places, or a whole number of "
                    + $"tokens or calls up to {CountMax}", $"{Most} {Unit}")
            : null;

    /// <summary>The part of this limit that counts at a moment.</summary>
    public BudgetKey At(DateTimeOffset now) =>
        new(Tenant, Scope, Holder, Period, Unit, BudgetWindow.Of(Period, now).From);
}

/// <summary>A limit in one of its periods: what is counted, leased and reserved together.</summary>
/// <param name="From">The first day of the period; the first day of all for <see
/// cref="BudgetPeriod.Total"/>.</param>
public readonly record struct BudgetKey(int Tenant, BudgetScope Scope, string Holder, BudgetPeriod Period,
    BudgetUnit Unit, DateOnly From)
{
    /// <summary>When its period ends; null for the one that never does.</summary>
    public DateTimeOffset? Until =>
        BudgetWindow.Of(Period, new DateTimeOffset(From, TimeOnly.MinValue, TimeSpan.Zero)).Until;

    public override string ToString() =>
        $"{Scope} {Holder} {Unit} per {Period} from {From:yyyy-MM-dd}, tenant {Tenant}";
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
