using System.Collections.Immutable;
using Aegis.Core.Budgets;

namespace Aegis.Gate.Budgets;

/// <summary>Limits that bound something together. What they are called on a day is worked out once a
/// day.</summary>
public sealed class LimitSet(ImmutableArray<BudgetLimit> limits)
{
    private Dated? dated;

    public static LimitSet None { get; } = new([]);

    public ImmutableArray<BudgetLimit> Limits { get; } = limits;

    public bool IsEmpty => Limits.IsEmpty;

    /// <summary>The keys of the limits, in their order.</summary>
    public ImmutableArray<BudgetKey> KeysAt(DateTimeOffset now)
    {
        var day = now.UtcDateTime.Date;
        if (Volatile.Read(ref dated) is { } known && known.Day == day)
        {
            return known.Keys;
        }
        ImmutableArray<BudgetKey> keys = [.. Limits.Select(l => l.At(now))];
        Volatile.Write(ref dated, new Dated(day, keys));
        return keys;
    }

    private sealed record Dated(DateTime Day, ImmutableArray<BudgetKey> Keys);
}
