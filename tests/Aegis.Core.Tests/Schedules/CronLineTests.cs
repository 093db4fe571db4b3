using System.Globalization;
using Aegis.Core.Schedules;

namespace Aegis.Core.Tests.Schedules;

/// <summary>The table was reckoned by another program, which walks every minute of the zone's own clock: each
/// row is a line, an instant, a zone and the next instant, all instants in UTC.</summary>
public sealed class CronLineTests
{
    public static TheoryData<string, string, string, string> Table { get; } = new()
    {
        { "* * * * *", "2026-01-01T00:00", "UTC", "2026-01-01T00:01" },
        { "*/5 * * * *", "2026-01-01T00:01", "UTC", "2026-01-01T00:05" },
        { "5/15 * * * *", "2026-01-01T00:21", "UTC", "2026-01-01T00:35" },
        { "10-20/5 * * * *", "2026-01-01T00:16", "UTC", "2026-01-01T00:20" },
        { "0 * * * *", "2026-01-01T23:00", "UTC", "2026-01-02T00:00" },
        { "@hourly", "2026-02-28T23:30", "UTC", "2026-03-01T00:00" },
        { "0 6 * * *", "2026-01-01T05:59", "UTC", "2026-01-01T06:00" },
        { "0 6 * * *", "2026-01-01T06:00", "UTC", "2026-01-02T06:00" },
        { "30 9,17 * * *", "2026-03-01T09:30", "UTC", "2026-03-01T17:30" },
        { "0 0 1 * *", "2026-01-31T12:00", "UTC", "2026-02-01T00:00" },
        { "@monthly", "2026-12-01T00:00", "UTC", "2027-01-01T00:00" },
        { "0 0 31 * *", "2026-01-31T00:00", "UTC", "2026-03-31T00:00" },
        { "0 0 30 2,4 *", "2026-01-01T00:00", "UTC", "2026-04-30T00:00" },
        { "0 0 29 2 *", "2026-01-01T00:00", "UTC", "2028-02-29T00:00" },
        { "@yearly", "2026-01-01T00:00", "UTC", "2027-01-01T00:00" },
        { "0 0 * * 0", "2026-11-21T00:00", "UTC", "2026-11-22T00:00" },
        { "0 0 * * 7", "2026-11-21T00:00", "UTC", "2026-11-22T00:00" },
        { "@weekly", "2026-11-22T00:00", "UTC", "2026-11-29T00:00" },
        { "0 0 * * SUN", "2026-11-21T12:00", "UTC", "2026-11-22T00:00" },
        { "0 0 * * 5-7", "2026-11-19T00:00", "UTC", "2026-11-20T00:00" },
        { "0 0 * * 5-7", "2026-11-22T00:00", "UTC", "2026-11-27T00:00" },
        { "0 6 * * MON-FRI", "2026-11-20T06:00", "UTC", "2026-11-23T06:00" },
        { "0 6 * * 1-5", "2026-11-20T06:00", "UTC", "2026-11-23T06:00" },
        { "0 6 * * mon,wed", "2026-11-23T06:00", "UTC", "2026-11-25T06:00" },
        { "0 12 1 * MON", "2026-11-21T00:00", "UTC", "2026-11-23T12:00" },
        { "0 12 1 * MON", "2026-11-30T12:00", "UTC", "2026-12-01T12:00" },
        { "0 12 13 * FRI", "2026-11-10T00:00", "UTC", "2026-11-13T12:00" },
        { "0 12 13 * FRI", "2026-11-13T12:00", "UTC", "2026-11-20T12:00" },
        { "0 12 */2 * MON", "2026-11-21T00:00", "UTC", "2026-11-23T12:00" },
        { "0 12 1 * */3", "2026-11-21T00:00", "UTC", "2027-05-01T12:00" },
        { "0 0 1 JAN-MAR *", "2026-03-02T00:00", "UTC", "2027-01-01T00:00" },
        { "15 10 * JUN MON", "2026-01-01T00:00", "UTC", "2026-06-01T10:15" },
        { "59 23 31 12 *", "2026-01-01T00:00", "UTC", "2026-12-31T23:59" },
        { "0 0-6/2 * * *", "2026-01-01T05:00", "UTC", "2026-01-01T06:00" },
        { "0 22-23 * * *", "2026-01-01T23:00", "UTC", "2026-01-02T22:00" },
        { "*/7 3 * * *", "2026-01-01T03:56", "UTC", "2026-01-02T03:00" },
        { "0 6 * * *", "2026-01-01T00:00", "Asia/Kolkata", "2026-01-01T00:30" },
        { "0 6 * * *", "2026-01-01T00:00", "Asia/Kathmandu", "2026-01-01T00:15" },
        { "30 0 * * *", "2026-06-30T12:00", "Pacific/Auckland", "2026-06-30T12:30" },
        { "0 6 * * 1", "2026-11-22T20:00", "Asia/Tokyo", "2026-11-22T21:00" },
        { "0 6 * * 1", "2026-11-22T22:00", "Asia/Tokyo", "2026-11-29T21:00" },
        { "0 6 * * *", "2026-03-28T05:00", "Europe/Madrid", "2026-03-29T04:00" },
        { "0 6 * * *", "2026-03-29T00:00", "Europe/Madrid", "2026-03-29T04:00" },
        { "30 2 * * *", "2026-03-28T12:00", "Europe/Madrid", "2026-03-29T01:00" },
        { "30 2 * * *", "2026-03-29T01:00", "Europe/Madrid", "2026-03-30T00:30" },
        { "0 3 * * *", "2026-03-28T12:00", "Europe/Madrid", "2026-03-29T01:00" },
        { "15,30,45 2 * * *", "2026-03-28T12:00", "Europe/Madrid", "2026-03-29T01:00" },
        { "*/30 * * * *", "2026-03-29T00:31", "Europe/Madrid", "2026-03-29T01:00" },
        { "0 * * * *", "2026-03-29T00:00", "Europe/Madrid", "2026-03-29T01:00" },
        { "*/15 2 * * *", "2026-03-28T12:00", "Europe/Madrid", "2026-03-30T00:00" },
        { "30 2 * * *", "2026-10-24T12:00", "Europe/Madrid", "2026-10-25T00:30" },
        { "30 2 * * *", "2026-10-25T00:30", "Europe/Madrid", "2026-10-26T01:30" },
        { "30 2 * * *", "2026-10-25T01:00", "Europe/Madrid", "2026-10-26T01:30" },
        { "0 * * * *", "2026-10-25T00:00", "Europe/Madrid", "2026-10-25T01:00" },
        { "0 * * * *", "2026-10-25T01:00", "Europe/Madrid", "2026-10-25T02:00" },
        { "*/30 2 * * *", "2026-10-25T00:30", "Europe/Madrid", "2026-10-25T01:00" },
        { "0 3 * * *", "2026-10-24T12:00", "Europe/Madrid", "2026-10-25T02:00" },
        { "0 6 * * *", "2026-10-24T12:00", "Europe/Madrid", "2026-10-25T05:00" },
        { "30 2 8 3 *", "2026-01-01T00:00", "America/New_York", "2026-03-08T07:00" },
        { "30 1 * * *", "2026-10-31T12:00", "America/New_York", "2026-11-01T05:30" },
        { "30 1 * * *", "2026-11-01T05:30", "America/New_York", "2026-11-02T06:30" },
        { "*/20 1 * * *", "2026-11-01T05:40", "America/New_York", "2026-11-01T06:00" },
        { "0 9 * * MON-FRI", "2026-03-06T14:00", "America/New_York", "2026-03-09T13:00" },
        { "0 9 * * MON-FRI", "2026-10-30T13:00", "America/New_York", "2026-11-02T14:00" },
        { "0 0 * * *", "2026-03-08T00:00", "America/New_York", "2026-03-08T05:00" },
        { "15 2 * * *", "2026-10-03T00:00", "Australia/Lord_Howe", "2026-10-03T15:30" },
        { "45 1 * * *", "2026-04-04T00:00", "Australia/Lord_Howe", "2026-04-04T14:45" },
        { "*/15 * * * *", "2026-04-04T14:46", "Australia/Lord_Howe", "2026-04-04T15:00" },
        { "0 0 * * *", "2026-09-05T12:00", "America/Santiago", "2026-09-06T04:00" },
        { "30 0 * * *", "2026-09-05T12:00", "America/Santiago", "2026-09-06T04:00" },
        { "0 0 * * *", "2026-04-23T12:00", "Africa/Cairo", "2026-04-23T22:00" },
        { "0 4 * * *", "2026-06-01T00:00", "Africa/Casablanca", "2026-06-01T03:00" },
        { "0 12 * * *", "2026-07-01T00:00", "America/Sao_Paulo", "2026-07-01T15:00" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Next_IsWhatTheTableSays(string line, string after, string zone, string next) =>
        Assert.Equal(At(next), Parse(line).Next(At(after), Zone(zone)));

    [Theory]
    [InlineData("*/15 * * * *", "Europe/Madrid", "2026-10-24T23:00", "2026-10-25T03:00", 16)]
    [InlineData("*/15 * * * *", "Europe/Madrid", "2026-03-29T00:00", "2026-03-29T04:00", 16)]
    [InlineData("0 */2 * * *", "Europe/Madrid", "2026-03-28T23:00", "2026-03-29T22:00", 11)]
    [InlineData("0 * * * *", "Europe/Madrid", "2026-10-24T22:00", "2026-10-25T23:00", 25)]
    [InlineData("30 2 * * *", "Europe/Madrid", "2026-01-01T00:00", "2027-01-01T00:00", 365)]
    [InlineData("30 1 * * *", "America/New_York", "2026-01-01T05:00", "2027-01-01T05:00", 365)]
    [InlineData("30 1 * * *", "Australia/Lord_Howe", "2026-01-01T00:00", "2027-01-01T00:00", 365)]
    public void Next_WalkedOverAChangeOfTheClock_ComesAsOftenAsItShould(
        string line, string zone, string from, string to, int times)
    {
        var (cron, at, count) = (Parse(line), At(from), 0);
        while (cron.Next(at, Zone(zone)) is { } next && next <= At(to))
        {
            Assert.True(next > at, $"{next} does not come after {at}");
            (at, count) = (next, count + 1);
        }
        Assert.Equal(times, count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("0 * * * * *")]
    [InlineData("0 0 12 * * ? 2026")]
    [InlineData("@reboot")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * 32 * *")]
    [InlineData("* * * 0 *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 8")]
    [InlineData("-1 * * * *")]
    [InlineData("+1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("*/60 * * * *")]
    [InlineData("20-10 * * * *")]
    [InlineData("1, * * * *")]
    [InlineData("1//2 * * * *")]
    [InlineData("a * * * *")]
    [InlineData("* * L * *")]
    [InlineData("* * 15W * *")]
    [InlineData("* * * * 5#2")]
    [InlineData("* * ? * *")]
    [InlineData("* * * FRI *")]
    [InlineData("* * * * JAN")]
    [InlineData("0 0 31 2,4 *")]
    [InlineData("0 0 30 2 *")]
    public void Parse_WhatIsNoLine_IsRefused(string text)
    {
        var (line, error) = CronLine.Parse(text);
        Assert.Null(line);
        Assert.Equal("AEGIS1152", error!.Code);
    }

    [Fact]
    public void Parse_NamesTheFieldAndWhatItTakes()
    {
        var error = CronLine.Parse("0 25 * * *").Error!;
        Assert.Equal(("the hour of the cron line is wrong", "0 to 23, with *, a-b, */n and commas", "25"),
            (error.Message, error.Expected, error.Got));
        Assert.Equal("leave seconds and year out", CronLine.Parse("0 0 6 * * *").Error!.Mend);
    }

    private static CronLine Parse(string line)
    {
        var (parsed, error) = CronLine.Parse(line);
        Assert.Null(error);
        return parsed!;
    }

    private static TimeZoneInfo Zone(string name) => CronZone.Find(name)!;

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
