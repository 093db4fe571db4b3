using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Gate.Budgets;
using Aegis.Tests.Shared;
using Xunit.Abstractions;

namespace Aegis.Engine.Tests.Budgets;

/// <summary>
/// Two hundred callers at once on two nodes over one PostgreSQL, with limits of run, project, tenant, key and
/// user in dollars, tokens and calls; costs and aborts by chance, and a beat in between. What was spent and
/// what is promised never goes past a limit, and what is left can be used to the end.
/// </summary>
public sealed class ManyCallersTests(LedgerFixture ledger, ITestOutputHelper output)
    : IClassFixture<LedgerFixture>
{
    private const int Callers = 200;
    private const int CallsEach = 20;
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"),
        out var given) ? given : Random.Shared.Next();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SpentAndPromised_NeverGoPastALimit_AndTheRestIsUsable(bool oneNodeDies)
    {
        output.WriteLine($"seed {seed}");
        var tenant = (await ledger.CreateProjectAsync(new Tenancy($"many{oneNodeDies}", "p"))).Tenant;
        var one = await BudgetNode.OpenAsync(ledger);
        var two = await BudgetNode.OpenAsync(ledger);
        var book = new Book();
        var made = 0;
        using var half = new SemaphoreSlim(0);
        var dead = false;
        var dropping = !oneNodeDies ? Task.CompletedTask : Task.Run(async () =>
        {
            for (var i = 0; i < Callers * CallsEach / 4; i++)
            {
                await half.WaitAsync();
            }
            Volatile.Write(ref dead, true);
            await two.DropAsync();
        });
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);
            for (var i = 0; i < CallsEach; i++)
            {
                var onTwo = random.Next(2) == 0 && !Volatile.Read(ref dead);
                if (await CallAsync(onTwo ? two : one, LimitsOf(tenant, caller), random, book))
                {
                    Interlocked.Increment(ref made);
                }
                half.Release();
                if (random.Next(200) == 0)
                {
                    await one.Room.BeatAsync(None);
                }
            }
        })));
        await dropping;
        output.WriteLine($"{made} of {Callers * CallsEach} calls were paid");
        Assert.InRange(made, Callers, (Callers * CallsEach) - Callers);

        if (!oneNodeDies)
        {
            await two.DisposeAsync();
        }
        await UseUpAsync(one, oneNodeDies ? two : null, tenant, book);
        await one.DisposeAsync();
    }

    /// <summary>The control: callers that look before they spend, and reserve nothing.</summary>
    [Fact]
    public async Task WithoutReserving_TheSameCallersGoFarPastTheLimit()
    {
        var tenant = (await ledger.CreateProjectAsync(new Tenancy("control", "p"))).Tenant;
        await using BudgetNode one = await BudgetNode.OpenAsync(ledger),
            two = await BudgetNode.OpenAsync(ledger);
        var limit = new BudgetLimit(
            tenant, BudgetScope.Tenant, "control", BudgetPeriod.Month, BudgetUnit.Usd, 10);
        var spent = new decimal[Callers];
        using var looked = new CountdownEvent(Callers);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var left = await (caller % 2 == 0 ? one : two).LeftAsync(limit);
            if (looked.Signal())
            {
                all.SetResult();
            }
            await all.Task;
            spent[caller] = left >= 0.5m ? 0.5m : 0;
        }));
        Assert.Equal(100, spent.Sum());
        Assert.True(spent.Sum() > limit.Most);
    }

    private static async Task<bool> CallAsync(
        BudgetNode node, ImmutableArray<BudgetLimit> limits, Random random, Book book)
    {
        var worst = new CallCost(random.NextInt64(1, 100_000_000_000) / 1_000_000_000_000m,
            random.Next(1, 2_000), 1);
        BudgetOutcome outcome;
        try
        {
            outcome = await node.Room.ReserveAsync(new LimitSet(limits), worst, None);
        }
        catch (Core.Errors.AegisException e) when (e.Error.Code == "AEGIS2374")
        {
            // its node has just died
            return false;
        }
        if (outcome.Hold is not { } hold)
        {
            Assert.Contains(outcome.Refusal!.Code, new[] { "AEGIS2370", "AEGIS2508" });
            return false;
        }
        book.Reserve(limits, worst);
        await Task.Yield();
        if (random.Next(5) == 0)
        {
            book.Settle(limits, worst, CallCost.None);
            hold.Release();
            return true;
        }
        var actual = new CallCost(worst.Usd * random.Next(0, 1_001) / 1_000,
            random.NextInt64(worst.Tokens + 1), 1);
        // the book first: what the room frees may be reserved by the next one at once
        book.Settle(limits, worst, actual);
        hold.Settle(actual);
        return true;
    }

    /// <summary>Every limit alone, to its end: what is lost is what the dead node held.</summary>
    private async Task UseUpAsync(BudgetNode node, BudgetNode? died, int tenant, Book book)
    {
        await node.Room.BeatAsync(None);
        await node.Room.BeatAsync(None);
        decimal lost = 0;
        foreach (var limit in Enumerable.Range(0, Callers).SelectMany(c => LimitsOf(tenant, c)).Distinct())
        {
            var state = (await node.Room.LookAsync([limit], None))[0];
            // what was free in the dead node's block when it died
            var free = died is null ? 0 : (await died.Room.LookAsync([limit], None))[0].Left - state.Left;
            Assert.Equal(limit.Most, book.Spent(limit) + state.Left + free);
            Assert.InRange(free, 0, died is null ? 0 : limit.Most / 2);
            Assert.Equal(limit.Most, state.Spent + state.Held + state.Left);
            lost += free / limit.Most;
            if (state.Left > 0)
            {
                Assert.NotNull(await node.HoldAsync(new([limit]), Cost(limit.Unit, state.Left)));
            }
            var least = limit.Unit == BudgetUnit.Usd ? 0.000000000001m : 1;
            Assert.Null(await node.HoldAsync(new([limit]), Cost(limit.Unit, least)));
        }
        output.WriteLine($"lost with the dead node, in parts of a limit over all limits: {lost:0.000}");
    }

    private static CallCost Cost(BudgetUnit unit, decimal amount) => unit switch
    {
        BudgetUnit.Usd => new(amount, 0),
        BudgetUnit.Tokens => new(0, (long)amount),
        _ => new(0, 0, (long)amount),
    };

    private static ImmutableArray<BudgetLimit> LimitsOf(int tenant, int caller) =>
    [
        new(tenant, BudgetScope.Run, $"r{caller % 20}", BudgetPeriod.Total, BudgetUnit.Usd, 4.5m),
        new(tenant, BudgetScope.Project, $"p{caller % 5}", BudgetPeriod.Month, BudgetUnit.Usd, 17),
        new(tenant, BudgetScope.Tenant, "t", BudgetPeriod.Month, BudgetUnit.Usd, 70.0000001m),
        new(tenant, BudgetScope.Tenant, "t", BudgetPeriod.Day, BudgetUnit.Tokens, 3_000_000),
        new(tenant, BudgetScope.Key, $"key:{caller % 7}", BudgetPeriod.Month, BudgetUnit.Calls, 700),
        new(tenant, BudgetScope.User, $"p/u{caller}", BudgetPeriod.Day, BudgetUnit.Usd, 0.9m),
    ];

    /// <summary>The truth, kept apart from what is tested.</summary>
    private sealed class Book
    {
        private readonly Lock turn = new();
        private readonly Dictionary<BudgetLimit, (decimal Spent, decimal Promised)> sums = [];

        public decimal Spent(BudgetLimit limit) => sums.GetValueOrDefault(limit).Spent;

        public void Reserve(ImmutableArray<BudgetLimit> limits, CallCost worst)
        {
            lock (turn)
            {
                foreach (var limit in limits)
                {
                    var (spent, promised) = sums.GetValueOrDefault(limit);
                    promised += worst.Of(limit.Unit);
                    sums[limit] = (spent, promised);
                    Assert.True(spent + promised <= limit.Most, $"{limit}: {spent} and {promised}");
                }
            }
        }

        public void Settle(ImmutableArray<BudgetLimit> limits, CallCost worst, CallCost actual)
        {
            lock (turn)
            {
                foreach (var limit in limits)
                {
                    var (spent, promised) = sums[limit];
                    sums[limit] = (spent + actual.Of(limit.Unit), promised - worst.Of(limit.Unit));
                }
            }
        }
    }
}
