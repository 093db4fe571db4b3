using Aegis.Core.Plans.Triggers;
using Aegis.Core.Schedules;
using Aegis.Engine.Schedules;

namespace Aegis.Engine.Tests.Triggers;

public sealed class DueTimesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(MissedRuns.Skip, "12:00", 0)]
    [InlineData(MissedRuns.Once, "12:00", 0)]
    [InlineData(MissedRuns.All, "12:00", 0)]
    public void OnTime_EachPolicyRunsIt(MissedRuns policy, string run, int passed)
    {
        var times = Of("0 * * * *", Noon, Noon.AddSeconds(2), policy);
        Assert.Equal((run, passed, Noon.AddHours(1)), (Shown(times), times.PassedOver, times.Next));
    }

    [Theory]
    [InlineData(60, "12:00", 0)]
    [InlineData(61, "", 1)]
    public void Grace_IsAMinute(int late, string run, int passed)
    {
        var times = Of("0 * * * *", Noon, Noon.AddSeconds(late), MissedRuns.Skip);
        Assert.Equal((run, passed), (Shown(times), times.PassedOver));
    }

    [Theory]
    [InlineData(MissedRuns.Skip, "15:00", 3)]
    [InlineData(MissedRuns.Once, "14:00! 15:00", 2)]
    [InlineData(MissedRuns.All, "12:00! 13:00! 14:00! 15:00", 0)]
    public void Downtime_IsMadeUpForAsThePolicySays(MissedRuns policy, string run, int passed)
    {
        var times = Of("0 * * * *", Noon, Noon.AddHours(3), policy);
        Assert.Equal((run, passed, Noon.AddHours(4)), (Shown(times), times.PassedOver, times.Next));
    }

    [Theory]
    [InlineData(102, 100, 0)]
    [InlineData(103, 100, 1)]
    public void All_MakesUpForAtMostTheNewest100(int minutes, int missed, int passed)
    {
        var now = Noon.AddMinutes(minutes - 1);
        var times = Of("* * * * *", Noon, now, MissedRuns.All);
        // now and the minute before it are on time
        Assert.Equal((missed, passed), (times.Run.Count(r => r.Missed), times.PassedOver));
        Assert.Equal(now, times.Run[^1].Time);
        Assert.Equal(now.AddMinutes(1), times.Next);
    }

    [Fact]
    public void YearsOfMinutes_AreGoneThroughInBoundedSteps()
    {
        var now = Noon.AddYears(20);
        var times = Of("* * * * *", Noon, now, MissedRuns.Once);
        Assert.Equal(DueTimes.WalkMax, times.PassedOver);
        Assert.Equal((false, now), (times.Run[^1].Missed, times.Run[^1].Time));
        Assert.Equal(now.AddMinutes(1), times.Next);
    }

    private static DueTimes Of(string line, DateTimeOffset due, DateTimeOffset now, MissedRuns policy) =>
        DueTimes.Of(CronLine.Parse(line).Line!, TimeZoneInfo.Utc, due, now, policy);

    private static string Shown(DueTimes times) =>
        string.Join(' ', times.Run.Select(r => $"{r.Time:HH:mm}{(r.Missed ? "!" : "")}"));
}
