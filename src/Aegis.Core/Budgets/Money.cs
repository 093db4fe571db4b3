namespace Aegis.Core.Budgets;

/// <summary>Amounts of budgets have at most twelve places: a millionth of a micro-dollar. A decimal holds 28
/// digits and rounds what is longer; so amounts up to <see cref="BudgetLimit.AmountMax"/> are added and taken
/// away without losing anything, however often.</summary>
public static class Money
{
    public const int Places = 12;

    /// <summary>What is used is never too little.</summary>
    public static decimal Up(decimal amount) =>
        decimal.Round(amount, Places, MidpointRounding.ToPositiveInfinity);

    /// <summary>What is granted is never too much.</summary>
    public static decimal Down(decimal amount, int places = Places) =>
        decimal.Round(amount, places, MidpointRounding.ToNegativeInfinity);

    /// <summary>Tokens and calls are whole.</summary>
    public static int PlacesOf(BudgetUnit unit) => unit == BudgetUnit.Usd ? Places : 0;

    /// <summary>The same amount without zeros behind it, for people.</summary>
    public static decimal Shown(decimal amount) => amount / 1.0000000000000000000000000000m;
}
