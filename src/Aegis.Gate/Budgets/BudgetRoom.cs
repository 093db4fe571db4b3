using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;

namespace Aegis.Gate.Budgets;

/// <summary>
/// What this node may spend of all limits. A reservation is made in memory where the node's blocks suffice,
/// which is most of the time; else the missing parts are leased, in one transaction, and it is tried again.
/// Those who lease for one tenant come one at a time: the first one's block serves those who wait behind it.
/// With each beat the ledger is told what was spent and given back what is not needed, so that another node
/// can use it. Quotas of calls, of tokens and of dollars all go this way. Rejected: asking the ledger for
/// each call, which would wait for a second commit, and a share of the limit for each node, which would leave
/// most of it unused where one node has most callers.
/// </summary>
public sealed class BudgetRoom(TimeProvider time)
{
    /// <summary>Limits of which the node holds blocks at once.</summary>
    public const int HeldMax = 10_000;

    /// <summary>How often a reservation that others were quicker than is tried.</summary>
    public const int TriesMax = 100;

    // turns to lease: a tenant's callers wait for each other, those of most others do not
    private const int Turns = 16;

    private readonly BudgetDesk desk = new();
    private readonly PoolSight sight = new(time);
    private readonly ImmutableArray<SemaphoreSlim> turns =
        [.. Enumerable.Range(0, Turns).Select(_ => new SemaphoreSlim(1))];

    private readonly ConcurrentDictionary<BudgetKey, HeldBlock> held = new();
    private IBudgetLeases? leases;

    /// <summary>The node has its lease.</summary>
    public void Open(IBudgetLeases from) => Volatile.Write(ref leases, from);

    /// <summary>What a model's call may spend of all limits and of the caps of its run and those above it;
    /// null where nothing bounds it.</summary>
    public async ValueTask<IPurse?> PurseAsync(
        CallContext call, CallLimits limits, CancellationToken cancel)
    {
        var set = limits.Spending;
        if (!call.RunBudgets.IsEmpty)
        {
            set = new LimitSet([.. set.Limits, .. call.RunBudgets.Select(r => r.Limit)]);
        }
        if (set.IsEmpty)
        {
            return null;
        }
        var keys = set.KeysAt(time.GetUtcNow());
        if (sight.Unseen(keys) is { IsEmpty: false } unseen)
        {
            sight.Saw(unseen, await Leases().LookAsync(unseen, cancel));
        }
        return new Purse(this, set);
    }

    /// <summary>Reserves from all the limits or from none; it waits only where something must be
    /// leased.</summary>
    public ValueTask<BudgetOutcome> ReserveAsync(LimitSet set, CallCost worstCase, CancellationToken cancel)
    {
        var answer = desk.Reserve(set.KeysAt(time.GetUtcNow()), worstCase);
        return answer.Reservation is { } made ? new(new BudgetOutcome(new Hold(desk, made)))
            : LeasedAsync(set, worstCase, cancel);
    }

    /// <summary>Dollars that the narrowest of the limits has left, as far as is known here.</summary>
    internal decimal? LeftUsd(LimitSet set)
    {
        decimal? least = null;
        var keys = set.KeysAt(time.GetUtcNow());
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i].Unit == BudgetUnit.Usd)
            {
                var left = sight.Left(set.Limits[i], keys[i], desk.Block(keys[i]));
                least = left < least ? left : least ?? left;
            }
        }
        return least;
    }

    /// <summary>How each of the limits stands now; nothing is reserved.</summary>
    public async ValueTask<ImmutableArray<BudgetState>> LookAsync(
        ImmutableArray<BudgetLimit> limits, CancellationToken cancel)
    {
        if (limits.IsEmpty)
        {
            return [];
        }
        // what the ledger was told meanwhile would count twice, or not at all
        var turn = TurnOf(limits[0].Tenant);
        await turn.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();
            ImmutableArray<BudgetKey> keys = [.. limits.Select(l => l.At(now))];
            var used = await Leases().LookAsync(keys, cancel);
            sight.Saw(keys, used);
            return [.. limits.Select((limit, i) => BudgetState.Of(limit, keys[i], used[i],
                desk.Block(keys[i]), held.GetValueOrDefault(keys[i])?.Told ?? default))];
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Tells the ledger what was spent, gives back what is not needed, and lets go of what is not
    /// used.</summary>
    public ValueTask BeatAsync(CancellationToken cancel) => BeatAsync(false, cancel);

    /// <summary>The node stops: all that is free goes back, and nothing is leased any more.</summary>
    public async ValueTask StopAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref leases) is not null)
        {
            await BeatAsync(true, cancel);
            Volatile.Write(ref leases, null);
        }
    }

    private async ValueTask<BudgetOutcome> LeasedAsync(
        LimitSet set, CallCost worstCase, CancellationToken cancel)
    {
        var turn = TurnOf(set.Limits[0].Tenant);
        await turn.WaitAsync(cancel);
        try
        {
            for (var tries = 0; tries < TriesMax; tries++)
            {
                var keys = set.KeysAt(time.GetUtcNow());
                var answer = desk.Reserve(keys, worstCase);
                if (answer.Reservation is { } made)
                {
                    return new(new Hold(desk, made));
                }
                if (await LeaseAsync(set, keys, answer.Shortfalls, cancel) is { } refusal)
                {
                    return new(refusal);
                }
            }
            return new(BudgetErrors.TooMany("reservations of one limit", TriesMax));
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask<AegisError?> LeaseAsync(LimitSet set, ImmutableArray<BudgetKey> keys,
        ImmutableArray<BudgetShortfall> shortfalls, CancellationToken cancel)
    {
        var from = Leases();
        if (held.Count + shortfalls.Length > HeldMax && shortfalls.Any(s => !held.ContainsKey(s.Key)))
        {
            return BudgetErrors.TooMany("limits are spent from", HeldMax);
        }
        var asks = shortfalls.Select(s => (Short: s, Limit: set.Limits[keys.IndexOf(s.Key)]))
            .Select(a => new LeaseAsk(a.Limit, a.Short.Key, a.Short.Missing,
                BlockSize.Wanted(a.Limit, a.Short))).ToList();
        foreach (var ask in asks)
        {
            if (desk.Block(ask.Key) is { Overdrawn: 0 } block && sight.Lacks(ask.Limit, ask.Key, ask.Needed))
            {
                return BudgetErrors.Spent(ask.Limit, shortfalls.First(s => s.Key == ask.Key).WorstCase,
                    sight.Left(ask.Limit, ask.Key, block), time.GetUtcNow());
            }
        }
        await CloseAsync(from, [.. asks.Select(a => a.Key).Where(IsClosing)], cancel);
        var answers = await AskAsync(from, asks, cancel);
        AegisError? refusal = null;
        foreach (var (ask, answer) in asks.Zip(answers))
        {
            sight.Saw(ask.Limit, ask.Key, answer.Left);
            if (answer.Granted is { } granted)
            {
                held.GetOrAdd(ask.Key, _ => new HeldBlock());
                desk.Add(ask.Key, granted);
            }
            else if (answer.Lacks)
            {
                refusal ??= BudgetErrors.Spent(ask.Limit, shortfalls.First(s => s.Key == ask.Key).WorstCase,
                    answer.Left + desk.Block(ask.Key).Free, time.GetUtcNow());
            }
        }
        return refusal;
    }

    private async ValueTask<IReadOnlyList<LeaseAnswer>> AskAsync(
        IBudgetLeases from, List<LeaseAsk> asks, CancellationToken cancel)
    {
        try
        {
            return await from.LeaseAsync(asks, cancel);
        }
        catch
        {
            // it may have been granted: then nobody has it until the next beat says so
            asks.ForEach(a => held.GetOrAdd(a.Key, _ => new HeldBlock()).Uncertain = true);
            throw;
        }
    }

    private async ValueTask BeatAsync(bool last, CancellationToken cancel)
    {
        if (Volatile.Read(ref leases) is not { } from)
        {
            return;
        }
        var keys = desk.Blocks().Select(b => b.Key).Union(held.Keys);
        foreach (var tenants in keys.GroupBy(k => TurnOf(k.Tenant)))
        {
            await tenants.Key.WaitAsync(cancel);
            try
            {
                await AccountAsync(from, [.. tenants], last, cancel);
            }
            finally
            {
                tenants.Key.Release();
            }
        }
        sight.Forget(time.GetUtcNow());
    }

    // under the tenants' turn: nothing is leased of these keys meanwhile
    private async ValueTask AccountAsync(
        IBudgetLeases from, List<BudgetKey> keys, bool last, CancellationToken cancel)
    {
        await CloseAsync(from, keys.FindAll(IsClosing), cancel);
        var now = time.GetUtcNow();
        var told = new List<(HeldBlock Held, BudgetBlock Block)>();
        var sums = new List<LeaseSums>();
        foreach (var key in keys)
        {
            var one = held.GetOrAdd(key, _ => new HeldBlock());
            var block = desk.GiveBack(key, last || key.Until <= now ? 0 : one.Keep(desk.Block(key)));
            if (one.IsNews(block))
            {
                sums.Add(new(key, block.Leased, block.Spent, block.GivenBack));
                told.Add((one, block));
            }
        }
        await from.HandInAsync(sums, cancel);
        foreach (var (one, block) in told)
        {
            one.Tell(block);
        }
        var ended = keys.Where(k => desk.Block(k) is var now && held[k].IsAccounted(now)).ToList();
        ended.ForEach(k => held[k].Closing = true);
        await CloseAsync(from, ended, cancel);
        sight.Saw(keys, await from.LookAsync(keys, cancel));
    }

    /// <summary>An end that broke off may have come to pass: it is told again before anything else.</summary>
    private async ValueTask CloseAsync(
        IBudgetLeases from, IReadOnlyList<BudgetKey> keys, CancellationToken cancel)
    {
        if (keys.Count == 0)
        {
            return;
        }
        await from.CloseAsync(keys, cancel);
        foreach (var key in keys)
        {
            held.TryRemove(key, out var ended);
            desk.Forget(key, ended!.Told);
        }
    }

    private bool IsClosing(BudgetKey key) => held.TryGetValue(key, out var one) && one.Closing;

    private IBudgetLeases Leases() =>
        Volatile.Read(ref leases) ?? throw new AegisException(BudgetErrors.NoLedger());

    private SemaphoreSlim TurnOf(int tenant) => turns[(int)((uint)tenant % Turns)];
}

/// <param name="Hold">Null where a limit has less left.</param>
public readonly record struct BudgetOutcome(IBudgetHold? Hold, AegisError? Refusal)
{
    internal BudgetOutcome(IBudgetHold hold)
        : this(hold, null)
    {
    }

    internal BudgetOutcome(AegisError refusal)
        : this(null, refusal)
    {
    }
}
