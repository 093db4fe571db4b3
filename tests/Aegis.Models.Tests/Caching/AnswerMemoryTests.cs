using Aegis.Models.Caching;
using Aegis.Tests.Shared;
using static Aegis.Models.Tests.Caching.CacheCalls;

namespace Aegis.Models.Tests.Caching;

public sealed class AnswerMemoryTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly ManualClock clock = new();

    [Fact]
    public void Entries_AtTheLimitStay_OneMoreSendsTheLeastUsedAway()
    {
        var memory = new AnswerMemory(clock, entriesMax: 3, bytesMax: 1 << 20);
        foreach (var n in new[] { 1, 2, 3 })
        {
            memory.Put(Key(n), Answer(10), Hour);
        }
        Assert.All([1, 2, 3], n => Assert.NotNull(memory.Find(Key(n))));
        Assert.NotNull(memory.Find(Key(1)));
        memory.Put(Key(4), Answer(10), Hour);
        Assert.Null(memory.Find(Key(2)));
        Assert.All([1, 3, 4], n => Assert.NotNull(memory.Find(Key(n))));
    }

    [Fact]
    public void Bytes_AtTheLimitStay_OneMoreSendsTheLeastUsedAway()
    {
        var one = new AnswerMemory(clock, 100, 1 << 20);
        one.Put(Key(1), Answer(100), Hour);
        var size = one.Size.Bytes;
        var memory = new AnswerMemory(clock, 100, 2 * size);
        memory.Put(Key(1), Answer(100), Hour);
        memory.Put(Key(2), Answer(100), Hour);
        Assert.Equal((2, 2 * size), memory.Size);
        memory.Put(Key(2), Answer(101), Hour);
        Assert.Equal((1, size + 1), memory.Size);
        Assert.Null(memory.Find(Key(1)));
        // one that alone is too large sends nobody away
        memory.Put(Key(3), Answer((int)(2 * size)), Hour);
        Assert.Equal((1, size + 1), memory.Size);
    }

    [Fact]
    public void Answer_UntilItsTimeIsOver_IsGiven()
    {
        var memory = new AnswerMemory(clock, 10, 1 << 20);
        memory.Put(Key(1), Answer(1), Hour);
        memory.Put(Key(2), Answer(1), TimeSpan.Zero);
        Assert.Null(memory.Find(Key(2)));
        clock.Advance(Hour - TimeSpan.FromTicks(1));
        Assert.NotNull(memory.Find(Key(1)));
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(memory.Find(Key(1)));
        Assert.Equal((0, 0L), memory.Size);
    }

    [Fact]
    public void Known_MayBeAnythingUntilTold_ThenWhatWasTold_AtMostTheNewest()
    {
        var known = new KnownAnswers(headsMax: 4);
        Assert.True(known.MayHold(Key(9)));
        known.Load([1, 2]);
        Assert.True(known.MayHold(Key(1)));
        Assert.False(known.MayHold(Key(9)));
        known.Load([3, 4]);
        Assert.All([1, 2, 3, 4], n => Assert.True(known.MayHold(Key(n))));
        known.Load([5]);
        Assert.All([1, 2], n => Assert.False(known.MayHold(Key(n))));
        Assert.All([3, 4, 5], n => Assert.True(known.MayHold(Key(n))));
        known.Remove(Key(4));
        Assert.False(known.MayHold(Key(4)));
    }
}
