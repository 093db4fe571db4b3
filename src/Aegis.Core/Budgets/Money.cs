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
    public static decimal Down(decimal amount) =>
        decimal.Round(amount, Places, MidpointRounding.ToNegativeInfinity);
}
