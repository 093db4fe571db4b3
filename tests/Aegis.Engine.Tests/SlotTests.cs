using Aegis.Engine.Pump;

namespace Aegis.Engine.Tests;

/// <summary>Slots that are lent while a turn waits for its model.</summary>
public sealed class SlotTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Leaving_LendsTheSlot_AndComesBackBeforeWhatHasNotBegun()
    {
        var slots = new Slots(new SlotLimits(1, 1, 1));
        var first = Acquire(slots, "one");
        Assert.True(slots.TryLeave(await first));
        var second = Acquire(slots, "two");
        Assert.True(second.IsCompleted);
        var third = Acquire(slots, "three");
        var back = slots.ReturnAsync("acme", "one", None);
        Assert.False(third.IsCompleted || back.IsCompleted);
        (await second).Dispose();
        var held = await back;
        Assert.False(third.IsCompleted);
        held.Dispose();
        (await third).Dispose();
        Assert.Equal(0, slots.Taken);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(SlotLimits.AwayMax)]
    public async Task Leaving_PastTheLimit_KeepsTheSlot(int away)
    {
        var slots = new Slots(new SlotLimits(away + 1, away + 1, away + 1, away));
        var holds = new List<SlotHold>();
        for (var number = 0; number <= away; number++)
        {
            holds.Add(await Acquire(slots, "one"));
        }
        Assert.All(holds.Take(away), hold => Assert.True(slots.TryLeave(hold)));
        Assert.False(slots.TryLeave(holds[away]));
        Assert.Equal(1, slots.Taken);
        // one that is back makes room for one that goes
        using var back = await slots.ReturnAsync("acme", "one", None);
        Assert.True(slots.TryLeave(holds[away]));
    }

    [Fact]
    public async Task Return_ThatIsGivenUp_LeavesTheSlotToOthers()
    {
        var slots = new Slots(new SlotLimits(1, 1, 1));
        Assert.True(slots.TryLeave(await Acquire(slots, "one")));
        var second = await Acquire(slots, "two");
        using var stop = new CancellationTokenSource();
        var back = slots.ReturnAsync("acme", "one", stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => back);
        second.Dispose();
        (await Acquire(slots, "three")).Dispose();
        Assert.Equal(0, slots.Taken);
    }

    [Fact]
    public async Task CallsOfOneTask_ThatWaitAtOnce_LendItsSlotOnce()
    {
        var slots = new Slots(new SlotLimits(1, 1, 1, Away: 1));
        var held = new HeldSlots(slots, "acme", "one");
        Assert.True(held.TryKeep(0, await Acquire(slots, "one")));
        for (var round = 0; round < 3; round++)
        {
            var reply = new TaskCompletionSource<int>();
            var calls = Enumerable.Range(0, 4).Select(_ =>
                held.AwayAsync(0, () => new ValueTask<int>(reply.Task), None).AsTask()).ToList();
            Assert.Equal(0, slots.Taken);
            (await Acquire(slots, "two")).Dispose();
            reply.SetResult(7);
            Assert.All(await Task.WhenAll(calls), said => Assert.Equal(7, said));
            Assert.Equal(1, slots.Taken);
        }
        held.Release(0);
        Assert.Equal(0, slots.Taken);
    }

    [Fact]
    public async Task SecondSlot_OfATask_IsGivenBack()
    {
        var slots = new Slots(new SlotLimits(2, 2, 2));
        var held = new HeldSlots(slots, "acme", "one");
        Assert.True(held.TryKeep(0, await Acquire(slots, "one")));
        Assert.False(held.TryKeep(0, await Acquire(slots, "one")));
        Assert.Equal(1, slots.Taken);
    }

    private static Task<SlotHold> Acquire(Slots slots, string run)
    {
        var granted = new TaskCompletionSource<SlotHold>();
        slots.Acquire("acme", run, granted.SetResult);
        return granted.Task;
    }
}
