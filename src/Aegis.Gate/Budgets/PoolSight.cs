using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core.Budgets;
using Aegis.Core.Caching;

namespace Aegis.Gate.Budgets;

/// <summary>What all nodes have used of limits, as this one heard last: for choosing, which must not wait,
/// and for refusing again what the ledger has just refused. Nothing is granted by it.</summary>
internal sealed class PoolSight(TimeProvider time)
{
    /// <summary>Limits that are remembered.</summary>
    public const int SeenMax = 20_000;

    private readonly ConcurrentDictionary<BudgetKey, Seen> seen = new();

    /// <summary>How long the ledger is not asked again for more than it had left.</summary>
    public static TimeSpan RefusesFor { get; } = TimeSpan.FromSeconds(1);

    public ImmutableArray<BudgetKey> Unseen(ImmutableArray<BudgetKey> keys)
    {
        foreach (var key in keys)
        {
            if (!seen.ContainsKey(key))
            {
                return [.. keys.Where(k => !seen.ContainsKey(k))];
            }
        }
        return [];
    }

    public void Saw(IReadOnlyList<BudgetKey> keys, IReadOnlyList<BudgetUse> uses)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            Put(keys[i], uses[i].Spent + uses[i].Out);
        }
    }

    public void Saw(BudgetLimit limit, BudgetKey key, decimal left) => Put(key, limit.Most - left);

    /// <summary>What may be used now: what nobody has leased, and what is free in the node's own
    /// block.</summary>
    public decimal Left(BudgetLimit limit, BudgetKey key, BudgetBlock block) =>
        Math.Max(0, limit.Most - seen.GetValueOrDefault(key).Used) + block.Free;

    /// <summary>Whether the ledger had less left a moment ago.</summary>
    public bool Lacks(BudgetLimit limit, BudgetKey key, decimal needed) =>
        seen.TryGetValue(key, out var of) && needed > limit.Most - of.Used
        && time.GetElapsedTime(of.At) < RefusesFor;

    /// <summary>Drops periods that are over.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var (key, _) in seen)
        {
            if (key.Until <= now)
            {
                seen.TryRemove(key, out _);
            }
        }
    }

    private void Put(BudgetKey key, decimal used) =>
        seen.Keep(key, new Seen(used, time.GetTimestamp()), SeenMax);

    private readonly record struct Seen(decimal Used, long At);
}
