using Aegis.Core.Routing.Breakers;
using Xunit.Abstractions;
using static Aegis.Core.Tests.Routing.RoutingSamples;

namespace Aegis.Core.Tests.Routing;

public sealed class BreakerTests(ITestOutputHelper output)
{
    private static readonly BreakerRules Rules = BreakerRules.Default;

    [Fact]
    public void FailuresInRow_TheLastOneOpensIt()
    {
        var state = Reported(BreakerState.New, BreakerVerdict.Failed, Rules.FailuresInRow - 1);
        Assert.Equal(BreakerPhase.Closed, state.Phase);
        state = Reported(state, BreakerVerdict.Passed);
        state = Reported(state, BreakerVerdict.Failed, Rules.FailuresInRow - 1);
        Assert.Equal(BreakerPhase.Closed, state.Phase);
        state = Reported(state, BreakerVerdict.Failed);
        Assert.Equal((BreakerPhase.Open, BreakerCause.FailuresInRow), (state.Phase, state.Cause));
        Assert.Equal(Noon + Rules.OpenFirst, state.Until);
    }

    [Fact]
    public void FailureRate_InTheWindow_OpensIt_AndOldFailuresDoNot()
    {
        BreakerState Alternating(TimeSpan apart)
        {
            var state = BreakerState.New;
            for (var i = 0; i < Rules.CallsMin && state.Phase == BreakerPhase.Closed; i++)
            {
                state = Breaker.Report(state, state.Epoch,
                    i % 2 == 0 ? BreakerVerdict.Passed : BreakerVerdict.Failed, null, Noon + (i * apart),
                    Rules);
            }
            return state;
        }
        Assert.Equal(BreakerCause.FailureRate, Alternating(TimeSpan.FromSeconds(1)).Cause);
        Assert.Equal(BreakerPhase.Closed, Alternating(TimeSpan.FromSeconds(20)).Phase);
    }

    [Fact]
    public void Open_LetsNobodyIn_ThenOneProbe_ThenCloses()
    {
        var open = Reported(BreakerState.New, BreakerVerdict.Failed, Rules.FailuresInRow);
        Assert.Null(Breaker.Enter(open, open.Until.AddTicks(-1), Rules).Epoch);
        var first = Breaker.Enter(open, open.Until, Rules);
        Assert.Equal(BreakerPhase.HalfOpen, first.State.Phase);
        Assert.Null(Breaker.Enter(first.State, open.Until, Rules).Epoch);
        var passed = Breaker.Report(first.State, first.Epoch!.Value, BreakerVerdict.Passed, null, open.Until,
            Rules);
        Assert.Equal(BreakerPhase.HalfOpen, passed.Phase);
        var second = Breaker.Enter(passed, open.Until, Rules);
        var closed = Breaker.Report(second.State, second.Epoch!.Value, BreakerVerdict.Passed, null,
            open.Until, Rules);
        Assert.Equal(BreakerPhase.Closed, closed.Phase);
        // what began before it opened has no say any more
        Assert.Equal(closed, Breaker.Report(closed, 0, BreakerVerdict.Failed, null, open.Until, Rules));
    }

    [Fact]
    public void ProbeFails_ThePauseDoubles_UpToItsBound()
    {
        var state = Reported(BreakerState.New, BreakerVerdict.Failed, Rules.FailuresInRow);
        var pauses = new List<TimeSpan> { state.Until - state.Since };
        for (var i = 0; i < 8; i++)
        {
            var probe = Breaker.Enter(state, state.Until, Rules);
            state = Breaker.Report(probe.State, probe.Epoch!.Value, BreakerVerdict.Failed, null, state.Until,
                Rules);
            pauses.Add(state.Until - state.Since);
        }
        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300, 300], pauses.Select(p => p.TotalSeconds));
    }

    [Fact]
    public void LongGoodTime_ForgivesEarlierOpenings()
    {
        var state = BreakerState.New with { Openings = 4, Since = Noon, WindowFrom = Noon };
        var soon = Reported(state, BreakerVerdict.Failed, Rules.FailuresInRow);
        Assert.Equal(Breaker.Pause(5, Rules), soon.Until - Noon);
        var later = Reported(state with { Since = Noon - Rules.Forgiven }, BreakerVerdict.Failed,
            Rules.FailuresInRow);
        Assert.Equal(Rules.OpenFirst, later.Until - Noon);
    }

    [Fact]
    public void RetryAfter_IsKept_WhateverThePhase_UpToItsBound()
    {
        var asked = Breaker.Report(BreakerState.New, 0, BreakerVerdict.Failed, TimeSpan.FromSeconds(90), Noon,
            Rules);
        Assert.Equal((BreakerPhase.Open, BreakerCause.Asked), (asked.Phase, asked.Cause));
        Assert.Null(Breaker.Enter(asked, Noon.AddSeconds(89), Rules).Epoch);
        Assert.NotNull(Breaker.Enter(asked, Noon.AddSeconds(90), Rules).Epoch);
        var longer = Breaker.Report(asked, 0, BreakerVerdict.Failed, TimeSpan.FromSeconds(120), Noon, Rules);
        Assert.Equal(Noon.AddSeconds(120), longer.Until);
        var shorter = Breaker.Report(longer, 0, BreakerVerdict.Failed, TimeSpan.FromSeconds(1), Noon, Rules);
        Assert.Equal(longer, shorter);
        var most = Breaker.Report(asked, 0, BreakerVerdict.Failed, TimeSpan.FromDays(9), Noon, Rules);
        Assert.Equal(Noon + Rules.RetryAfterLongest, most.Until);
    }

    [Fact]
    public void SilentProbe_IsGivenUp_AndLosesItsSay()
    {
        var open = Reported(BreakerState.New, BreakerVerdict.Failed, Rules.FailuresInRow);
        var silent = Breaker.Enter(open, open.Until, Rules);
        var late = open.Until + Rules.ProbeLongest;
        Assert.Null(Breaker.Enter(silent.State, late.AddTicks(-1), Rules).Epoch);
        var next = Breaker.Enter(silent.State, late, Rules);
        Assert.NotNull(next.Epoch);
        Assert.Equal(next.State, Breaker.Report(next.State, silent.Epoch!.Value, BreakerVerdict.Failed, null,
            late, Rules));
    }

    [Fact]
    public void CancelledProbe_LeavesItsPlace()
    {
        var open = Reported(BreakerState.New, BreakerVerdict.Failed, Rules.FailuresInRow);
        var probe = Breaker.Enter(open, open.Until, Rules);
        var after = Breaker.Report(probe.State, probe.Epoch!.Value, BreakerVerdict.Neutral, null, open.Until,
            Rules);
        Assert.NotNull(Breaker.Enter(after, open.Until, Rules).Epoch);
    }

    /// <summary>Whatever comes in whatever order: nobody is let in while it is open, no more probes than
    /// allowed are out, every pause is within its bounds and ends.</summary>
    [Fact]
    public void AnyHistory_KeepsThePromises()
    {
        var random = Seeded.Random(output);
        for (var round = 0; round < 400; round++)
        {
            var rules = new BreakerRules
            {
                FailuresInRow = random.Next(1, 6), CallsMin = random.Next(1, 12), Probes = random.Next(1, 4),
                ProbesToClose = random.Next(1, 4), FailureRate = random.NextDouble(),
            };
            var (state, now) = (BreakerState.New, Noon);
            var (out_, asked) = (new List<int>(), DateTimeOffset.MinValue);
            for (var step = 0; step < 200; step++)
            {
                now += TimeSpan.FromSeconds(random.Next(4) == 0 ? random.Next(200) : random.NextDouble());
                if (random.Next(2) == 0)
                {
                    var may = state.MayEnter(now);
                    var entry = Breaker.Enter(state, now, rules);
                    Assert.False(state.Phase == BreakerPhase.Open && now < state.Until && entry.Epoch is { });
                    Assert.False(now < asked && entry.Epoch is { });
                    // an empty half-open breaker and one with a place differ by the number of probes alone
                    Assert.False(may && entry.Epoch is null);
                    Assert.NotNull(entry.Epoch ?? Breaker.Enter(state, entry.RetryAt, rules).Epoch);
                    state = entry.State;
                    out_.AddRange(entry.Epoch is { } epoch ? [epoch] : []);
                    Assert.True(state.Phase != BreakerPhase.HalfOpen
                        || out_.Count(e => e == state.Epoch) <= rules.Probes);
                }
                else if (out_.Count > 0)
                {
                    var at = random.Next(out_.Count);
                    var verdict = (BreakerVerdict)random.Next(4);
                    TimeSpan? pause = random.Next(6) == 0 && verdict != BreakerVerdict.Passed
                        ? TimeSpan.FromSeconds(random.Next(1, 9_000)) : null;
                    var before = state;
                    state = Breaker.Report(state, out_[at], verdict, pause, now, rules);
                    out_.RemoveAt(at);
                    if (pause is { } p)
                    {
                        var until = now + (p < rules.RetryAfterLongest ? p : rules.RetryAfterLongest);
                        asked = until > asked ? until : asked;
                    }
                    Assert.True(state.Epoch >= before.Epoch);
                    Assert.True(state.Phase != BreakerPhase.Open || state.Until > now || before == state);
                    Assert.True(state.Until - now <= rules.GoneFor);
                }
            }
        }
    }

    [Fact]
    public async Task Book_ManyAtOnce_LetsInOneProbe()
    {
        var book = Whole;
        for (var i = 0; i < Rules.FailuresInRow; i++)
        {
            book.Report(Key("m"), 0, BreakerVerdict.Failed, null, Noon);
        }
        var entries = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() =>
            book.Enter(Key("m"), Noon + Rules.OpenFirst))));
        var probe = Assert.Single(entries, e => e.Epoch is { });
        book.Report(Key("m"), probe.Epoch!.Value, BreakerVerdict.Failed, null, Noon + Rules.OpenFirst);
        Assert.Equal(2, book.Of(Key("m")).Openings);
    }

    [Fact]
    public async Task Book_ManyAtOnce_LosesNoFailure()
    {
        var rules = Rules with { FailuresInRow = 10_000, CallsMin = 10_000 };
        var book = new BreakerBook(rules);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                book.Report(Key("m"), 0, BreakerVerdict.Failed, null, Noon);
            }
        })));
        Assert.Equal(8_000, book.Of(Key("m")).FailuresInRow);
    }

    private static BreakerState Reported(BreakerState state, BreakerVerdict verdict, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            state = Breaker.Report(state, state.Epoch, verdict, null, Noon, Rules);
        }
        return state;
    }
}
