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
    public const int LimitsMax = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<BudgetKey, Account> _accounts = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _accounts.Count;
            }
        }
    }

    /// <summary>Reserves the worst case in all limits or in none.</summary>
    public BudgetAnswer Reserve(ImmutableArray<BudgetKey> keys, CallCost worstCase)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Length, LimitsMax);
        worstCase.CheckNotNegative();
        var accounts = new Account[keys.Length];
        lock (_lock)
        {
            var shortfalls = Shortfalls(keys, worstCase, accounts);
            if (!shortfalls.IsEmpty)
            {
                return new(null, shortfalls);
            }
            for (var i = 0; i < keys.Length; i++)
            {
                var account = accounts[i] ??= Of(keys[i]);
                account.Block = account.Block.Reserve(worstCase.Of(keys[i].Unit))
                    ?? throw new Errors.InvariantViolationException(
                        $"{keys[i]} stands twice in one reservation");
                account.Open++;
            }
            return new(new BudgetReservation(keys, worstCase, accounts), []);
        }
    }

    /// <summary>The call has ended and used so much.</summary>
    /// <exception cref="InvalidOperationException">The reservation is settled or released
    /// already.</exception>
    public void Settle(BudgetReservation reservation, CallCost actual)
    {
        actual.CheckNotNegative();
        Close(reservation, actual);
    }

    /// <summary>The call was not made.</summary>
    /// <exception cref="InvalidOperationException">The reservation is settled or released
    /// already.</exception>
    public void Release(BudgetReservation reservation) => Close(reservation, null);

    /// <summary>The ledger has leased so much.</summary>
    public void Add(BudgetKey key, decimal granted)
    {
        lock (_lock)
        {
            var account = Of(key);
            account.Block = account.Block.Lease(granted);
        }
    }

    /// <summary>Takes what is free out of a block; its sums are then for
    /// <see cref="IBudgetLeases.HandInAsync"/>.</summary>
    /// <param name="keep">So much stays for the next calls.</param>
    public BudgetBlock GiveBack(BudgetKey key, decimal keep = 0)
    {
        lock (_lock)
        {
            return _accounts.TryGetValue(key, out var account)
                ? account.Block = account.Block.GiveBack(keep) : default;
        }
    }

    /// <summary>The lease with these sums has ended: what came after them belongs to the next one.</summary>
    public void Forget(BudgetKey key, BudgetBlock ended)
    {
        lock (_lock)
        {
            if (!_accounts.TryGetValue(key, out var account))
            {
                return;
            }
            account.Block = account.Block.Without(ended);
            if (account is { Open: 0, Block: { Leased: 0, GivenBack: 0, Spent: 0 } })
            {
                _accounts.Remove(key);
            }
        }
    }

    public BudgetBlock Block(BudgetKey key)
    {
        lock (_lock)
        {
            return _accounts.TryGetValue(key, out var account) ? account.Block : default;
        }
    }

    public ImmutableArray<(BudgetKey Key, BudgetBlock Block)> Blocks()
    {
        lock (_lock)
        {
            return [.. _accounts.Select(a => (a.Key, a.Value.Block))];
        }
    }

    private Account Of(BudgetKey key)
    {
        if (!_accounts.TryGetValue(key, out var account))
        {
            _accounts[key] = account = new Account();
        }
        return account;
    }

    // the accounts that are there are found once
    private ImmutableArray<BudgetShortfall> Shortfalls(
        ImmutableArray<BudgetKey> keys, CallCost worstCase, Account?[] accounts)
    {
        ImmutableArray<BudgetShortfall>.Builder? found = null;
        for (var i = 0; i < keys.Length; i++)
        {
            var block = _accounts.TryGetValue(keys[i], out accounts[i]) ? accounts[i]!.Block : default;
            var (needed, free) = (worstCase.Of(keys[i].Unit), block.Free);
            if (needed > free)
            {
                found ??= ImmutableArray.CreateBuilder<BudgetShortfall>();
                found.Add(new(keys[i], needed - free + block.Overdrawn, needed));
            }
        }
        return found?.ToImmutable() ?? [];
    }

    private void Close(BudgetReservation reservation, CallCost? actual)
    {
        lock (_lock)
        {
            var accounts = reservation.Close();
            for (var i = 0; i < accounts.Length; i++)
            {
                var (account, unit) = (accounts[i], reservation.Keys[i].Unit);
                var reserved = reservation.WorstCase.Of(unit);
                account.Block = actual is { } used ? account.Block.Settle(reserved, used.Of(unit))
                    : account.Block.Release(reserved);
                account.Open--;
            }
        }
    }

    /// <summary>One limit's block, and how many reservations are open in it.</summary>
    internal sealed class Account
    {
        public BudgetBlock Block;
        public int Open;
    }
}

/// <summary>What is held for one call until it ends. It belongs to the periods in which it was made: a call
/// over midnight is counted on the day it began.</summary>
public sealed class BudgetReservation
{
    private BudgetDesk.Account[]? _accounts;

    internal BudgetReservation(ImmutableArray<BudgetKey> keys, CallCost worstCase,
        BudgetDesk.Account[] accounts) => (Keys, WorstCase, _accounts) = (keys, worstCase, accounts);

    public ImmutableArray<BudgetKey> Keys { get; }

    public CallCost WorstCase { get; }

    // under the desk's lock
    internal BudgetDesk.Account[] Close()
    {
        var accounts = _accounts
            ?? throw new InvalidOperationException("the reservation is settled or released already");
        _accounts = null;
        return accounts;
    }
}

/// <param name="Reservation">Null where a block is too small.</param>
/// <param name="Shortfalls">What to lease before it is tried again; empty where it was reserved.</param>
public readonly record struct BudgetAnswer(BudgetReservation? Reservation,
    ImmutableArray<BudgetShortfall> Shortfalls);

/// <param name="Missing">The least to lease.</param>
/// <param name="WorstCase">Of the call, in the limit's unit.</param>
public readonly record struct BudgetShortfall(BudgetKey Key, decimal Missing, decimal WorstCase);
