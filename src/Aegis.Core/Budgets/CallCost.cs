namespace Aegis.Core.Budgets;

/// <summary>What a call uses: dollars, exactly, and tokens of input and output together.</summary>
public readonly record struct CallCost(decimal Usd, long Tokens)
{
    public static CallCost None => default;

    /// <summary>In whole units of the least amount; see <see cref="Money"/>.</summary>
    public decimal Of(BudgetUnit unit) => unit == BudgetUnit.Usd ? Money.Up(Usd) : Tokens;

    public static CallCost operator +(CallCost left, CallCost right) => left.Plus(right);

    public CallCost Plus(CallCost other) => new(Usd + other.Usd, Tokens + other.Tokens);

    internal void CheckNotNegative()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Usd);
        ArgumentOutOfRangeException.ThrowIfNegative(Tokens);
    }
}
