using Aegis.Core.Budgets;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Budgets;

/// <summary>Keys as the columns of a query, in the order in which everybody holds rows.</summary>
internal static class BudgetColumns
{
    /// <summary>The order in which rows are held: any, but the same for all.</summary>
    public static IComparer<BudgetKey> Order { get; } = Comparer<BudgetKey>.Create(Compare);

    public static NpgsqlParameter[] Of(IReadOnlyList<BudgetKey> keys) =>
    [
        Array(NpgsqlDbType.Integer, keys, k => k.Tenant),
        Array(NpgsqlDbType.Text, keys, k => Word(k.Scope)),
        Array(NpgsqlDbType.Text, keys, k => k.Holder),
        Array(NpgsqlDbType.Text, keys, k => Word(k.Period)),
        Array(NpgsqlDbType.Text, keys, k => Word(k.Unit)),
        Array(NpgsqlDbType.Date, keys, k => k.From),
    ];

    public static NpgsqlParameter Amounts<T>(IReadOnlyList<T> rows, Func<T, decimal> of) =>
        Array(NpgsqlDbType.Numeric, rows, of);

    private static NpgsqlParameter Array<TRow, T>(
        NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, T> of) => new NpgsqlParameter<T[]>
    {
        TypedValue = [.. rows.Select(of)],
        NpgsqlDbType = NpgsqlDbType.Array | type,
    };

    private static string Word(BudgetScope scope) => scope switch
    {
        BudgetScope.Run => "run",
        BudgetScope.Project => "project",
        BudgetScope.Tenant => "tenant",
        BudgetScope.Key => "key",
        _ => "user",
    };

    private static string Word(BudgetPeriod period) => period switch
    {
        BudgetPeriod.Day => "day",
        BudgetPeriod.Month => "month",
        _ => "total",
    };

    private static string Word(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Usd => "usd",
        BudgetUnit.Tokens => "tokens",
        _ => "calls",
    };

    private static int Compare(BudgetKey a, BudgetKey b)
    {
        var first = a.Tenant.CompareTo(b.Tenant);
        first = first != 0 ? first : a.Scope.CompareTo(b.Scope);
        first = first != 0 ? first : string.CompareOrdinal(a.Holder, b.Holder);
        first = first != 0 ? first : a.Period.CompareTo(b.Period);
        first = first != 0 ? first : a.Unit.CompareTo(b.Unit);
        return first != 0 ? first : a.From.CompareTo(b.From);
    }
}
