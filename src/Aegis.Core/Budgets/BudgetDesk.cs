using System.Collections.Immutable;

namespace Aegis.Core.Budgets;

/// <summary>
/// A node's blocks of all limits. A call reserves its worst case in every limit that bounds it, or in none;
/// when it ends, what it used takes the place of what was reserved. Nothing waits here: where a block is too
/// small, the answer names what must be leased first. Any thread may call; one lock serves, because what
/// happens under it takes less than a microsecond. Rejected: a lock for each limit, which needs an order
/// among them and a way back out of a half-made reservation.
/// </summary>
public sealed class BudgetDesk
{
    /// <summary>Limits that bound one call.</summary>
    public const int LimitsMax = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<BudgetKey, BudgetBlock> _blocks = [];

    /// <summary>Reserves the worst case in all limits or in none.</summary>
    public BudgetAnswer Reserve(ImmutableArray<BudgetKey> keys, CallCost worstCase)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Length, LimitsMax);
        worstCase.CheckNotNegative();
        lock (_lock)
        {
            var shortfalls = Shortfalls(keys, worstCase);
            if (!shortfalls.IsEmpty)
            {
                return new(null, shortfalls);
            }
            foreach (var key in keys)
            {
                _blocks[key] = _blocks.GetValueOrDefault(key).Reserve(worstCase.Of(key.Unit))
                    ?? throw new Errors.InvariantViolationException($"{key} stands twice in one reservation");
            }
            return new(new BudgetReservation(keys, worstCase), []);
        }
    }

    /// <summary>The call has ended and used so much.</summary>
    /// <exception cref="InvalidOperationException">The reservation is settled or released
    /// already.</exception>
    public void Settle(BudgetReservation reservation, CallCost actual)
    {
        actual.CheckNotNegative();
        Close(reservation, (key, block) =>
            block.Settle(reservation.WorstCase.Of(key.Unit), actual.Of(key.Unit)));
    }

    /// <summary>The call was not made.</summary>
    /// <exception cref="InvalidOperationException">The reservation is settled or released
    /// already.</exception>
    public void Release(BudgetReservation reservation) =>
        Close(reservation, (key, block) => block.Release(reservation.WorstCase.Of(key.Unit)));

    /// <summary>The ledger has leased so much.</summary>
    public void Add(BudgetKey key, decimal granted)
    {
        lock (_lock)
        {
            _blocks[key] = _blocks.GetValueOrDefault(key).Lease(granted);
        }
    }

    /// <summary>Takes what is free out of a block; its sums are then for
    /// <see cref="IBudgetLeases.HandInAsync"/>.</summary>
    /// <param name="keep">So much stays for the next calls.</param>
    public BudgetBlock GiveBack(BudgetKey key, decimal keep = 0)
    {
        lock (_lock)
        {
            return _blocks[key] = _blocks.GetValueOrDefault(key).GiveBack(keep);
        }
    }

    /// <summary>Drops a block in which nothing is left, leased or reserved: its period is over, or its run
    /// has ended, and it was handed in.</summary>
    /// <returns>False where something is.</returns>
    public bool Drop(BudgetKey key)
    {
        lock (_lock)
        {
            return _blocks.GetValueOrDefault(key) is { Reserved: 0, Free: 0 } && _blocks.Remove(key);
        }
    }

    public BudgetBlock Block(BudgetKey key)
    {
        lock (_lock)
        {
            return _blocks.GetValueOrDefault(key);
        }
    }

    public ImmutableArray<(BudgetKey Key, BudgetBlock Block)> Blocks()
    {
        lock (_lock)
        {
            return [.. _blocks.Select(b => (b.Key, b.Value))];
        }
    }

    private ImmutableArray<BudgetShortfall> Shortfalls(ImmutableArray<BudgetKey> keys, CallCost worstCase)
    {
        ImmutableArray<BudgetShortfall>.Builder? found = null;
        foreach (var key in keys)
        {
            var block = _blocks.GetValueOrDefault(key);
            var needed = worstCase.Of(key.Unit);
            if (needed > block.Free)
            {
                found ??= ImmutableArray.CreateBuilder<BudgetShortfall>();
                found.Add(new(key, needed - block.Free + block.Overdrawn, needed));
            }
        }
        return found?.ToImmutable() ?? [];
    }

    private void Close(BudgetReservation reservation, Func<BudgetKey, BudgetBlock, BudgetBlock> step)
    {
        lock (_lock)
        {
            reservation.Close();
            foreach (var key in reservation.Keys)
            {
                _blocks[key] = step(key, _blocks[key]);
            }
        }
    }
}

/// <summary>What is held for one call until it ends. It belongs to the periods in which it was made: a call
/// over midnight is counted on the day it began.</summary>
public sealed class BudgetReservation
{
    private bool _closed;

    internal BudgetReservation(ImmutableArray<BudgetKey> keys, CallCost worstCase) =>
        (Keys, WorstCase) = (keys, worstCase);

    public ImmutableArray<BudgetKey> Keys { get; }

    public CallCost WorstCase { get; }

    // under the desk's lock
    internal void Close()
    {
        if (_closed)
        {
            throw new InvalidOperationException("the reservation is settled or released already");
        }
        _closed = true;
    }
}

/// <param name="Reservation">Null where a block is too small.</param>
/// <param name="Shortfalls">What to lease before it is tried again; empty where it was reserved.</param>
public readonly record struct BudgetAnswer(BudgetReservation? Reservation,
    ImmutableArray<BudgetShortfall> Shortfalls);

/// <param name="Missing">The least to lease.</param>
/// <param name="WorstCase">Of the call, in the limit's unit.</param>
public readonly record struct BudgetShortfall(BudgetKey Key, decimal Missing, decimal WorstCase);
