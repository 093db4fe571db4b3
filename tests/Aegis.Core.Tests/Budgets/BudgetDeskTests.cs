using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core.Budgets;
using Aegis.Core.Tests.Routing;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Budgets;

public sealed class BudgetDeskTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = RoutingSamples.Noon;

    [Fact]
    public void Reserve_InAllLimits_OrInNone()
    {
        var desk = new BudgetDesk();
        var (run, month) = (Limit(BudgetScope.Run, "r", BudgetUnit.Usd, 10).At(Now),
            Limit(BudgetScope.Tenant, "t", BudgetUnit.Tokens, 1_000).At(Now));
        desk.Add(run, 10);
        desk.Add(month, 99);
        var answer = desk.Reserve([run, month], new(1, 100));
        Assert.Null(answer.Reservation);
        Assert.Equal([new BudgetShortfall(month, 1, 100)], answer.Shortfalls.ToArray());
        Assert.Equal(new BudgetBlock(10, 0, 0, 0), desk.Block(run));
        desk.Add(month, 1);
        var reservation = desk.Reserve([run, month], new(1, 100)).Reservation!;
        Assert.Equal((new BudgetBlock(10, 0, 0, 1), new BudgetBlock(100, 0, 0, 100)),
            (desk.Block(run), desk.Block(month)));
        desk.Settle(reservation, new(0.5m, 40));
        Assert.Equal((new BudgetBlock(10, 0, 0.5m, 0), new BudgetBlock(100, 0, 40, 0)),
            (desk.Block(run), desk.Block(month)));
    }

    [Fact]
    public void Reservation_EndsOnce()
    {
        var desk = new BudgetDesk();
        var key = Limit(BudgetScope.Run, "r", BudgetUnit.Usd, 10).At(Now);
        desk.Add(key, 10);
        var settled = desk.Reserve([key], new(1, 0)).Reservation!;
        desk.Settle(settled, new(1, 0));
        Assert.Throws<InvalidOperationException>(() => desk.Settle(settled, new(1, 0)));
        Assert.Throws<InvalidOperationException>(() => desk.Release(settled));
        Assert.Equal(new BudgetBlock(10, 0, 1, 0), desk.Block(key));
    }

    [Fact]
    public void Overdrawn_IsLeasedBeforeTheNextCall()
    {
        var desk = new BudgetDesk();
        var key = Limit(BudgetScope.Run, "r", BudgetUnit.Usd, 10).At(Now);
        desk.Add(key, 1);
        desk.Settle(desk.Reserve([key], new(1, 0)).Reservation!, new(3, 0));
        Assert.Equal(new BudgetShortfall(key, 2.5m, 0.5m),
            Assert.Single(desk.Reserve([key], new(0.5m, 0)).Shortfalls));
    }

    [Fact]
    public void CallOverMidnight_IsCountedWhereItBegan()
    {
        var day = new BudgetLimit(1, BudgetScope.Tenant, "t", BudgetPeriod.Day, BudgetUnit.Usd, 10);
        var (before, after) = (day.At(Now), day.At(Now.AddDays(1)));
        var desk = new BudgetDesk();
        desk.Add(before, 5);
        var call = desk.Reserve([before], new(5, 0)).Reservation!;
        Assert.NotEqual(before, after);
        Assert.Null(desk.Reserve([after], new(1, 0)).Reservation);
        desk.Settle(call, new(2, 0));
        Assert.Equal(new BudgetBlock(5, 3, 2, 0), desk.GiveBack(before));
        desk.Forget(before, new BudgetBlock(5, 3, 2, 0));
        Assert.Equal(0, desk.Count);
    }

    /// <summary>What a call of unknown cost uses after its block's end was told is of the next
    /// lease.</summary>
    [Fact]
    public void Forgotten_KeepsWhatCameAfterTheEnd_AndWhatIsOpen()
    {
        var desk = new BudgetDesk();
        var key = Limit(BudgetScope.Run, "r", BudgetUnit.Usd, 10).At(Now);
        desk.Add(key, 5);
        desk.Settle(desk.Reserve([key], new(2, 0)).Reservation!, new(1, 0));
        var ended = desk.GiveBack(key);
        var free = desk.Reserve([key], CallCost.None).Reservation!;
        desk.Forget(key, ended);
        Assert.Equal(1, desk.Count);
        desk.Settle(free, new(0.25m, 0));
        Assert.Equal(new BudgetBlock(0, 0, 0.25m, 0), desk.Block(key));
        Assert.Equal(0.75m, Assert.Single(desk.Reserve([key], new(0.5m, 0)).Shortfalls).Missing);
    }

    [Fact]
    public void LimitsMax_AndOneMore()
    {
        ImmutableArray<BudgetKey> keys = [.. Enumerable.Range(0, BudgetDesk.LimitsMax + 1)
            .Select(i => Limit(BudgetScope.User, $"u{i}", BudgetUnit.Usd, 1).At(Now))];
        var desk = new BudgetDesk();
        Assert.NotNull(desk.Reserve(keys[1..], CallCost.None).Reservation);
        Assert.Throws<ArgumentOutOfRangeException>(() => desk.Reserve(keys, CallCost.None));
    }

    [Fact]
    public void BlockSize_IsEnoughForMany_ButNoLargePart()
    {
        decimal Wanted(decimal most, decimal missing, decimal worst)
        {
            var limit = Limit(BudgetScope.Run, "r", BudgetUnit.Usd, most);
            return BlockSize.Wanted(limit, new(limit.At(Now), missing, worst));
        }
        Assert.Equal(102.4m, Wanted(10_000, 0.1m, 0.1m));
        Assert.Equal(1, Wanted(32, 0.1m, 0.1m));
        Assert.Equal(5, Wanted(32, 5, 5));
        var calls = Limit(BudgetScope.Tenant, "t", BudgetUnit.Calls, 100);
        Assert.Equal(3, BlockSize.Wanted(calls, new(calls.At(Now), 1, 1)));
    }

    /// <summary>Two hundred callers on three nodes with limits of run, project, tenant, key and user, in
    /// money and tokens: at no moment is more spent or promised than a limit has, a node's death included,
    /// and at the end every part of a micro-dollar is accounted for.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TwoHundredCallers_NeverExceedALimit_AndNothingLeaks(bool oneNodeDies)
    {
        var seed = Seeded.Seed(output);
        var leases = new PooledLeases();
        var desks = Enumerable.Range(0, 3).Select(i => new BudgetNode(leases.For($"n{i}"))).ToArray();
        var spent = new ConcurrentDictionary<(int Node, BudgetKey Key), decimal>();
        using var start = new ManualResetEventSlim();
        var callers = Enumerable.Range(0, 200).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);
            var made = 0;
            start.Wait();
            for (var i = 0; i < 40; i++)
            {
                var node = random.Next(3);
                if (await CallAsync(desks[node], LimitsOf(caller), random) is { } used)
                {
                    foreach (var limit in LimitsOf(caller))
                    {
                        spent.AddOrUpdate((node, limit.At(Now)), used.Of(limit.Unit),
                            (_, sum) => sum + used.Of(limit.Unit));
                    }
                    made++;
                }
                foreach (var limit in LimitsOf(caller))
                {
                    AssertHeld(leases.Pool(limit.At(Now)), limit);
                }
            }
            return made;
        })).ToArray();
        start.Set();
        var calls = await Task.WhenAll(callers);
        output.WriteLine($"{calls.Sum()} of {200 * 40} calls were paid");
        Assert.InRange(calls.Sum(), 100, (200 * 40) - 100);

        var living = oneNodeDies ? desks[..2] : desks;
        foreach (var desk in living)
        {
            await desk.HandInAllAsync();
            await desk.HandInAllAsync(); // told twice, it counts once
        }
        var limits = Enumerable.Range(0, 200).SelectMany(c => LimitsOf(c)).Distinct().ToList();
        decimal Truth(BudgetKey key) => Enumerable.Range(0, 3).Sum(n => spent.GetValueOrDefault((n, key)));
        if (oneNodeDies)
        {
            // until its lease is settled, all of it counts as spent
            Assert.Contains(limits, l => leases.Pool(l.At(Now)).Out > 0);
            Assert.All(limits, l => Assert.InRange(
                leases.Pool(l.At(Now)) is var p ? p.Spent + p.Out : 0, Truth(l.At(Now)), l.Most));
            leases.SettleDead("n2", key => spent.GetValueOrDefault((2, key)));
        }
        foreach (var limit in limits)
        {
            var pool = leases.Pool(limit.At(Now));
            Assert.Equal(new BudgetPool(limit.Most, Truth(limit.At(Now)), 0), pool);
            AssertHeld(pool, limit);
        }
    }

    [Fact]
    public async Task LimitsUsedToTheEnd_RefuseTheNextCall_ButNotASmallerOne()
    {
        var leases = new PooledLeases();
        var node = new BudgetNode(leases.For("n"));
        ImmutableArray<BudgetLimit> limits = [Limit(BudgetScope.Run, "r", BudgetUnit.Usd, 1)];
        for (var i = 0; i < 4; i++)
        {
            node.Desk.Settle((await node.ReserveAsync(limits, new(0.25m, 0)))!, new(0.24m, 0));
        }
        Assert.Null(await node.ReserveAsync(limits, new(0.0400000001m, 0)));
        Assert.NotNull(await node.ReserveAsync(limits, new(0.04m, 0)));
        Assert.Null(await node.ReserveAsync(limits, new(0.0000000001m, 0)));
    }

    private static async Task<CallCost?> CallAsync(BudgetNode node, ImmutableArray<BudgetLimit> limits,
        Random random)
    {
        var worst = new CallCost(BudgetBlockTests.Money(random, 1) / 10, random.Next(1, 2_000));
        if (await node.ReserveAsync(limits, worst) is not { } reservation)
        {
            return null;
        }
        await Task.Yield();
        if (random.Next(5) == 0)
        {
            node.Desk.Release(reservation);
            return CallCost.None;
        }
        var actual = new CallCost(worst.Usd * random.Next(0, 1_001) / 1_000,
            random.NextInt64(worst.Tokens + 1));
        node.Desk.Settle(reservation, actual);
        return actual;
    }

    private static void AssertHeld(BudgetPool pool, BudgetLimit limit) =>
        Assert.True(pool.Spent + pool.Out <= limit.Most && pool.Out >= 0, $"{limit}: {pool}");

    private static ImmutableArray<BudgetLimit> LimitsOf(int caller) =>
    [
        Limit(BudgetScope.Run, $"r{caller % 20}", BudgetUnit.Usd, 4.5m),
        Limit(BudgetScope.Project, $"acme/p{caller % 5}", BudgetUnit.Usd, 17),
        Limit(BudgetScope.Tenant, "acme", BudgetUnit.Usd, 70.0000001m),
        Limit(BudgetScope.Tenant, "acme", BudgetUnit.Tokens, 3_000_000),
        Limit(BudgetScope.Key, $"k{caller % 7}", BudgetUnit.Tokens, 400_000),
        Limit(BudgetScope.User, $"u{caller}", BudgetUnit.Usd, 0.9m),
    ];

    private static BudgetLimit Limit(BudgetScope scope, string holder, BudgetUnit unit, decimal most) =>
        new(1, scope, holder, BudgetPeriod.Month, unit, most);

    /// <summary>A node as its shell will drive the desk: what is short is leased, then it is tried
    /// again.</summary>
    private sealed class BudgetNode(IBudgetLeases leases)
    {
        public BudgetDesk Desk { get; } = new();

        public async Task<BudgetReservation?> ReserveAsync(ImmutableArray<BudgetLimit> limits, CallCost worst)
        {
            while (true)
            {
                var answer = Desk.Reserve([.. limits.Select(l => l.At(Now))], worst);
                if (answer.Reservation is { } reservation)
                {
                    return reservation;
                }
                foreach (var shortfall in answer.Shortfalls)
                {
                    var limit = limits.Single(l => l.At(Now) == shortfall.Key);
                    var granted = (await leases.LeaseAsync([new(limit, shortfall.Key, shortfall.Missing,
                        BlockSize.Wanted(limit, shortfall))], CancellationToken.None))[0].Granted;
                    if (granted is null)
                    {
                        return null;
                    }
                    Desk.Add(shortfall.Key, granted.Value);
                }
            }
        }

        public async Task HandInAllAsync()
        {
            foreach (var (key, _) in Desk.Blocks())
            {
                var block = Desk.GiveBack(key);
                Assert.Equal((0m, 0m, 0m), (block.Reserved, block.Free, block.Overdrawn));
                await leases.HandInAsync(
                    [new(key, block.Leased, block.Spent, block.GivenBack)], CancellationToken.None);
            }
        }
    }
}
