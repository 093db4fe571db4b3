namespace Aegis.Core.Budgets;

/// <summary>What a call uses: dollars, exactly, and tokens of input and output together.</summary>
/// <param name="Calls">Of tools: what a model's call costs beside it is counted by the gate.</param>
public readonly record struct CallCost(decimal Usd, long Tokens, long Calls = 0)
{
    public static CallCost None => default;

    /// <summary>One call of a tool.</summary>
    public static CallCost OneCall { get; } = new(0, 0, 1);

    /// <summary>In whole units of the least amount; see <see cref="Money"/>.</summary>
    public decimal Of(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Usd => Usd.Scale <= Money.Places ? Usd : Money.Up(Usd),
        BudgetUnit.Tokens => Tokens,
        _ => Calls,
    };

    public static CallCost operator +(CallCost left, CallCost right) => left.Plus(right);

    public CallCost Plus(CallCost other) => 
        new(Usd + other.Usd, Tokens + other.Tokens, Calls + other.Calls);

    internal void CheckNotNegative()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Usd);
        ArgumentOutOfRangeException.ThrowIfNegative(Tokens);
        ArgumentOutOfRangeException.ThrowIfNegative(Calls);
    }
}
