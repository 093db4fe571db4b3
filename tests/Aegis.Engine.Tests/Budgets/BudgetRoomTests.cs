using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Budgets;
using Aegis.Models;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Budgets;

public sealed class BudgetRoomTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Calls_OnTwoNodesAtOnce_NeverGoPastTheLimit_AndReachIt()
    {
        var set = new LimitSet([await LimitAsync("shared", 10_000)]);
        await using BudgetNode one = await BudgetNode.OpenAsync(ledger),
            two = await BudgetNode.OpenAsync(ledger);
        var granted = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 12_000), async (i, cancel) =>
        {
            var outcome = await (i % 2 == 0 ? one : two).Room.ReserveAsync(set, CallCost.OneCall, cancel);
            if (outcome.Hold is { } hold)
            {
                hold.Settle(CallCost.OneCall);
                Interlocked.Increment(ref granted);
            }
        });
        await two.Room.StopAsync(None);
        while (await one.HoldAsync(set, CallCost.OneCall) is { } rest)
        {
            rest.Settle(CallCost.OneCall);
            granted++;
        }
        Assert.Equal(10_000, granted);
        Assert.Equal("AEGIS2508", await one.ReserveAsync(set, CallCost.OneCall));
    }

    [Fact]
    public async Task Settle_LeavesWhatWasNotUsed_AndReleaseAll()
    {
        var set = new LimitSet([await LimitAsync("settled", 100, BudgetUnit.Tokens)]);
        await using var node = await BudgetNode.OpenAsync(ledger);
        var all = await node.HoldAsync(set, new(0, 100));
        Assert.Equal("AEGIS2370", await node.ReserveAsync(set, new(0, 1)));
        all.Settle(new(0, 60));
        var rest = await node.HoldAsync(set, new(0, 40));
        Assert.Equal("AEGIS2370", await node.ReserveAsync(set, new(0, 1)));
        rest.Release();
        Assert.Equal("AEGIS2370", await node.ReserveAsync(set, new(0, 41)));
        Assert.Null(await node.ReserveAsync(set, new(0, 40)));
    }

    [Fact]
    public async Task Reserve_OfSeveral_TakesFromAllOrNone()
    {
        var (much, little) = (await LimitAsync("several", 5), await LimitAsync("several", 2, holder: "b"));
        await using var node = await BudgetNode.OpenAsync(ledger);
        Assert.Null(await node.ReserveAsync(new([much, little]), new(0, 0, 2)));
        var refused = await node.Room.ReserveAsync(new([much, little]), CallCost.OneCall, None);
        Assert.Contains("tenant b", refused.Refusal!.Message, StringComparison.Ordinal);
        Assert.Null(await node.ReserveAsync(new([much]), new(0, 0, 3)));
        Assert.NotNull(await node.ReserveAsync(new([much]), CallCost.OneCall));
    }

    [Fact]
    public async Task Node_ThatEnds_GivesItsBlocksBack_AndOneThatDiesDoesNot()
    {
        var limit = await LimitAsync("ending", 1_000);
        await using (var node = await BudgetNode.OpenAsync(ledger))
        {
            (await node.HoldAsync(new([limit]), CallCost.OneCall)).Settle(CallCost.OneCall);
        }
        var dead = await BudgetNode.OpenAsync(ledger);
        Assert.Null(await dead.ReserveAsync(new([limit]), new(0, 0, 999)));
        await dead.DropAsync();
        Assert.Equal("AEGIS2374", (await Assert.ThrowsAsync<AegisException>(
            () => dead.ReserveAsync(new([limit with { Holder = "x" }]), CallCost.OneCall))).Error.Code);
        await using var next = await BudgetNode.OpenAsync(ledger);
        Assert.NotNull(await next.ReserveAsync(new([limit]), CallCost.OneCall));
        Assert.Equal(new BudgetState(limit, 1, 999, 0, limit.At(TimeProvider.System.GetUtcNow()).Until),
            (await next.Room.LookAsync([limit], None))[0]);
    }

    [Fact]
    public async Task Beat_TellsWhatWasSpent_AndLetsGoOfWhatNobodyUsed()
    {
        var set = new LimitSet([await LimitAsync("beat", 100, BudgetUnit.Usd)]);
        await using BudgetNode node = await BudgetNode.OpenAsync(ledger),
            other = await BudgetNode.OpenAsync(ledger);
        (await node.HoldAsync(set, new(1, 0))).Settle(new(0.25m, 0));
        Assert.True(await other.LeftAsync(set.Limits[0]) < 99.75m);
        // twice what was spent stays for the next ones
        await node.Room.BeatAsync(None);
        Assert.Equal(99.25m, await other.LeftAsync(set.Limits[0]));
        Assert.Equal(new BudgetState(set.Limits[0], 0.25m, 0, 99.75m,
            set.Limits[0].At(TimeProvider.System.GetUtcNow()).Until),
            (await node.Room.LookAsync(set.Limits, None))[0]);
        await node.Room.BeatAsync(None);
        Assert.Equal(99.75m, await other.LeftAsync(set.Limits[0]));
        Assert.Equal(0L, await ledger.ScalarAsync<long>("SELECT count(*) FROM aegis.budget_leases "
            + "WHERE tenant_key = $1", set.Limits[0].Tenant));
        // and the next block begins at zero
        (await node.HoldAsync(set, new(1, 0))).Settle(new(0.5m, 0));
        await node.Room.BeatAsync(None);
        await node.Room.BeatAsync(None);
        Assert.Equal(99.25m, await other.LeftAsync(set.Limits[0]));
    }

    [Fact]
    public async Task Call_OverMidnight_IsCountedOnTheDayItBegan()
    {
        var clock = new ManualClock();
        var day = (await LimitAsync("midnight", 10, BudgetUnit.Usd)) with { Period = BudgetPeriod.Day };
        await using var node = await BudgetNode.OpenAsync(ledger, clock);
        var set = new LimitSet([day]);
        var long_ = await node.HoldAsync(set, new(10, 0));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await node.ReserveAsync(set, new(10, 0)));
        await node.Room.BeatAsync(None);
        long_.Settle(new(4, 0));
        await node.Room.BeatAsync(None);
        Assert.Equal((6m, 0m), await ledger.ScalarAsync<decimal>("SELECT 10 - spent - outstanding FROM "
            + "aegis.budget_pools WHERE tenant_key = $1 AND begins = '1970-01-01'", day.Tenant) is var left
            ? (left, await node.LeftAsync(day)) : default);
    }

    [Fact]
    public async Task Look_ReservesNothing_AndKnowsTheEnd()
    {
        var limit = await LimitAsync("look", 2);
        await using var node = await BudgetNode.OpenAsync(ledger);
        Assert.Equal(2, await node.LeftAsync(limit));
        Assert.Equal(2, await node.LeftAsync(limit));
        Assert.Null(await node.ReserveAsync(new([limit]), new(0, 0, 2)));
        Assert.Equal(0, await node.LeftAsync(limit));
    }

    [Fact]
    public async Task Look_WhileTheLedgerIsTold_CountsNothingTwice()
    {
        var limit = await LimitAsync("told", 100, BudgetUnit.Usd);
        SlowNews news = null!;
        await using var node = await BudgetNode.OpenAsync(ledger, over: inner => news = new SlowNews(inner));
        (await node.HoldAsync(new([limit]), new(1, 0))).Settle(new(0.25m, 0));
        var beat = node.Room.BeatAsync(None).AsTask();
        await news.Known;
        var look = node.Room.LookAsync([limit], None).AsTask();
        // one that does not wait for its turn has the time to look
        for (var i = 0; i < 20 && !look.IsCompleted; i++)
        {
            await ledger.ScalarAsync<int>("SELECT 1");
        }
        news.Answer.SetResult();
        await beat;
        Assert.Equal(0.25m, (await look)[0].Spent);
    }

    [Fact]
    public async Task Purse_KnowsWhatIsLeft_WithoutAsking()
    {
        var (wide, narrow) = (await LimitAsync("purse", 100, BudgetUnit.Usd),
            await LimitAsync("purse", 10, BudgetUnit.Usd, "b"));
        await using BudgetNode node = await BudgetNode.OpenAsync(ledger),
            other = await BudgetNode.OpenAsync(ledger);
        (await other.HoldAsync(new([narrow]), new(4, 0))).Settle(new(4, 0));
        var tenancy = new Tenancy("purse", "web");
        var limits = new CallLimits(LimitSet.None, new([wide, narrow]));
        var purse = (await node.Room.PurseAsync(BudgetNode.Call(tenancy), limits, None))!;
        Assert.Equal(6, purse.LeftUsd);
        var hold = await purse.ReserveAsync(new(2, 10), None);
        Assert.Equal(4, purse.LeftUsd);
        hold.Settle(new(0.5m, 10));
        Assert.Equal(5.5m, purse.LeftUsd);
        Assert.Equal("AEGIS2370", (await Assert.ThrowsAsync<AegisException>(
            () => purse.ReserveAsync(new(6, 0), None).AsTask())).Error.Code);
        Assert.Null(await node.Room.PurseAsync(BudgetNode.Call(tenancy), CallLimits.None, None));
    }

    /// <summary>Steps at once each see all that the run has left; together they spend no more.</summary>
    [Fact]
    public async Task Run_OfManySteps_AndTheRunAbove_AreHeldTogether()
    {
        var tenant = (await LimitAsync("runs", 1)).Tenant;
        RunBudget run = new(tenant, new("run_1"), 1), above = new(tenant, new("run_0"), 1.25m),
            sister = new(tenant, new("run_2"), 1);
        await using var node = await BudgetNode.OpenAsync(ledger);
        async Task<IPurse> PurseAsync(params RunBudget[] of) => (await node.Room.PurseAsync(
            BudgetNode.Call(new("runs", "web"), of), CallLimits.None, None))!;
        var steps = new[] { await PurseAsync(run, above), await PurseAsync(run, above) };
        Assert.All(steps, s => Assert.Equal(1, s.LeftUsd));
        var first = await steps[0].ReserveAsync(new(0.75m, 0), None);
        Assert.Equal(0.25m, steps[1].LeftUsd);
        await Assert.ThrowsAsync<AegisException>(() => steps[1].ReserveAsync(new(0.5m, 0), None).AsTask());
        first.Settle(new(0.75m, 0));
        Assert.Equal(0.5m, (await PurseAsync(sister, above)).LeftUsd);
        await (await PurseAsync(sister, above)).ReserveAsync(new(0.5m, 0), None);
        await Assert.ThrowsAsync<AegisException>(
            () => steps[1].ReserveAsync(new(0.01m, 0), None).AsTask());
    }

    private async Task<BudgetLimit> LimitAsync(
        string tenant, decimal most, BudgetUnit unit = BudgetUnit.Calls, string holder = "t") => new(
        (await ledger.CreateProjectAsync(new Tenancy(tenant, $"p{Guid.NewGuid():N}"))).Tenant,
        BudgetScope.Tenant, holder, BudgetPeriod.Month, unit, most);
}
