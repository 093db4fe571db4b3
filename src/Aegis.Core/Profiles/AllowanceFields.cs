using System.Collections.Immutable;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads an allowance, as profiles and tiers have it: <c>usd_month: 50</c>.</summary>
internal static class AllowanceFields
{
    /// <summary>Its keys.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "usd_day", "usd_month", "usd_total", "tokens_day", "tokens_month", "tokens_total",
        "calls_day", "calls_month", "calls_total",
    ];

    public static Allowance Read(YamlFields fields, string where, List<Diagnostic> errors) => new(
        Usd(fields, "usd_day", where, errors), Usd(fields, "usd_month", where, errors),
        Usd(fields, "usd_total", where, errors), Count(fields, "tokens_day"),
        Count(fields, "tokens_month"), Count(fields, "tokens_total"), Count(fields, "calls_day"),
        Count(fields, "calls_month"), Count(fields, "calls_total"));

    private static decimal? Usd(YamlFields fields, string name, string where, List<Diagnostic> errors)
    {
        if (fields.Number(name, 0, BudgetLimit.AmountMax) is not { } amount)
        {
            return null;
        }
        if (amount != Money.Down(amount))
        {
            YamlFields.Wrong(errors, fields.Value(name)!, $"{where}.{name}",
                $"US dollars with at most {Money.Places} places");
        }
        return amount;
    }

    private static long? Count(YamlFields fields, string name) =>
        fields.Integer(name, 0, BudgetLimit.CountMax);
}
