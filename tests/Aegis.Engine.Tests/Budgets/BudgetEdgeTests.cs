using Aegis.Core.Budgets;
using Aegis.Gate.Budgets;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Budgets;

/// <summary>Edges of a node's room, over leases in memory.</summary>
public sealed class BudgetEdgeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task HeldMax_IsTheLimit_AndOneMoreWaitsForTheBeat()
    {
        var room = new BudgetRoom(new ManualClock());
        room.Open(new Generous());
        for (var i = 0; i < BudgetRoom.HeldMax; i++)
        {
            Assert.Null((await room.ReserveAsync(Of(i), CallCost.OneCall, None)).Refusal);
        }
        Assert.Equal("AEGIS2375",
            (await room.ReserveAsync(Of(BudgetRoom.HeldMax), CallCost.OneCall, None)).Refusal!.Code);
        var one = (await room.ReserveAsync(Of(0), CallCost.OneCall, None)).Hold!;
        one.Settle(CallCost.OneCall);
        // all others are reserved still: nothing can be let go of
        await room.BeatAsync(None);
        Assert.Equal("AEGIS2375",
            (await room.ReserveAsync(Of(BudgetRoom.HeldMax), CallCost.OneCall, None)).Refusal!.Code);
    }

    [Fact]
    public async Task Blocks_ThatNobodyUses_MakeRoomWithTheBeat()
    {
        var room = new BudgetRoom(new ManualClock());
        var leases = new Generous();
        room.Open(leases);
        for (var i = 0; i < BudgetRoom.HeldMax; i++)
        {
            (await room.ReserveAsync(Of(i), CallCost.OneCall, None)).Hold!.Release();
        }
        await room.BeatAsync(None);
        Assert.Equal(BudgetRoom.HeldMax, leases.Closed);
        Assert.Null((await room.ReserveAsync(Of(BudgetRoom.HeldMax), CallCost.OneCall, None)).Refusal);
    }

    [Theory]
    [InlineData(BudgetRoom.TriesMax - 1, null)]
    [InlineData(BudgetRoom.TriesMax, "AEGIS2375")]
    public async Task TriesMax_IsTheLimit(int enoughAt, string? code)
    {
        var room = new BudgetRoom(new ManualClock());
        room.Open(new Generous { EnoughAt = enoughAt });
        Assert.Equal(code, (await room.ReserveAsync(Of(1), CallCost.OneCall, None)).Refusal?.Code);
    }

    /// <summary>An answer that is lost leaves nothing out of sight: the next beat says what the node
    /// has.</summary>
    [Fact]
    public async Task LostAnswer_IsToldWithTheNextBeat()
    {
        var room = new BudgetRoom(new ManualClock());
        var leases = new Generous { Loses = true };
        room.Open(leases);
        await Assert.ThrowsAsync<IOException>(
            () => room.ReserveAsync(Of(1), CallCost.OneCall, None).AsTask());
        leases.Loses = false;
        await room.BeatAsync(None);
        Assert.Equal([new LeaseSums(Of(1).Limits[0].At(DateTimeOffset.UnixEpoch), 0, 0, 0)], leases.Told);
        Assert.Equal(1, leases.Closed);
    }

    /// <summary>An end whose answer was lost is told again before anything is leased of the same
    /// limit.</summary>
    [Fact]
    public async Task LostEnd_IsToldAgainBeforeTheNextLease()
    {
        var room = new BudgetRoom(new ManualClock());
        var leases = new Generous();
        room.Open(leases);
        (await room.ReserveAsync(Of(1), CallCost.OneCall, None)).Hold!.Settle(CallCost.OneCall);
        await room.BeatAsync(None);
        leases.Loses = true;
        await Assert.ThrowsAsync<IOException>(() => room.BeatAsync(None).AsTask());
        leases.Loses = false;
        (await room.ReserveAsync(Of(1), CallCost.OneCall, None)).Hold!.Settle(CallCost.OneCall);
        Assert.Equal(1, leases.Closed);
        Assert.Equal(["close", "lease"], leases.Done.TakeLast(2));
        await room.BeatAsync(None);
        Assert.Equal(1, leases.Told[^1].Spent);
    }

    /// <summary>Who is refused and asks at once again does not hold up those who wait for the
    /// ledger.</summary>
    [Fact]
    public async Task Refused_IsRefusedAgain_WithoutAsking_ForASecond()
    {
        var clock = new ManualClock();
        var room = new BudgetRoom(clock);
        var leases = new Generous { Left = 5 };
        room.Open(leases);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("AEGIS2508", (await room.ReserveAsync(Of(1), new(0, 0, 6), None)).Refusal!.Code);
        }
        Assert.Equal(["lease"], leases.Done);
        Assert.Null((await room.ReserveAsync(Of(1), new(0, 0, 5), None)).Refusal);
        clock.Advance(PoolSight.RefusesFor);
        Assert.NotNull((await room.ReserveAsync(Of(1), new(0, 0, 6), None)).Refusal);
        Assert.Equal(["lease", "lease", "lease"], leases.Done);
    }

    [Fact]
    public void SeenMax_OfRememberedLimits_AndOneMore_KeepAnswering()
    {
        var sight = new PoolSight(new ManualClock());
        var limits = Enumerable.Range(0, PoolSight.SeenMax + 1).Select(i => Of(i).Limits[0]).ToList();
        foreach (var limit in limits[..^1])
        {
            sight.Saw(limit, limit.At(DateTimeOffset.UnixEpoch), 7);
        }
        var (first, last) = (limits[0], limits[^1]);
        Assert.Equal(7, sight.Left(first, first.At(DateTimeOffset.UnixEpoch), default));
        sight.Saw(last, last.At(DateTimeOffset.UnixEpoch), 7);
        // forgotten ones are asked for again
        Assert.Single(sight.Unseen([first.At(DateTimeOffset.UnixEpoch), last.At(DateTimeOffset.UnixEpoch)]));
    }

    private static LimitSet Of(int i) => new(
        [new(1, BudgetScope.Key, $"key:{i}", BudgetPeriod.Month, BudgetUnit.Calls, 1_000_000)]);

    /// <summary>Grants what is wanted.</summary>
    private sealed class Generous : IBudgetLeases
    {
        private int asked;

        public int EnoughAt { get; init; } = 1;

        public bool Loses { get; set; }

        public decimal Left { get; init; } = 1_000_000;

        public int Closed { get; private set; }

        public List<LeaseSums> Told { get; } = [];

        public List<string> Done { get; } = [];

        public ValueTask<IReadOnlyList<LeaseAnswer>> LeaseAsync(
            IReadOnlyList<LeaseAsk> asks, CancellationToken cancel)
        {
            Fail();
            Done.Add("lease");
            var enough = ++asked >= EnoughAt;
            return new([.. asks.Select(a => a.Needed > Left ? new LeaseAnswer(null, Left, true)
                : new LeaseAnswer(enough ? Math.Min(Left, a.Wanted) : 0, Left))]);
        }

        public ValueTask HandInAsync(IReadOnlyList<LeaseSums> leases, CancellationToken cancel)
        {
            Told.AddRange(leases);
            Done.Add("tell");
            return ValueTask.CompletedTask;
        }

        public ValueTask CloseAsync(IReadOnlyList<BudgetKey> keys, CancellationToken cancel)
        {
            Fail();
            Done.Add("close");
            Closed += keys.Count;
            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<BudgetUse>> LookAsync(
            IReadOnlyList<BudgetKey> keys, CancellationToken cancel) =>
            new([.. keys.Select(_ => new BudgetUse(0, 0))]);

        private void Fail()
        {
            if (Loses)
            {
                throw new IOException("lost");
            }
        }
    }
}
