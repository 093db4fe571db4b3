using Aegis.Core.Errors;

namespace Aegis.Core.Schedules;

/// <summary>
/// A five-field cron line (minute, hour, day of month, month, day of week) and the instants it names in
/// a time zone. Quartz's own expressions were rejected: they cannot say what unix means by two day
/// fields (either may match), and a line must be checked where the workflow is compiled, in this pure room.
/// A change of the clock, as Debian's cron does it: a line with a fixed hour and minute runs once, at the end
/// of a gap that swallowed it, and at the first of two equal times; a line whose minute or hour begins with
/// <c>*</c> follows the clock as it goes.
/// </summary>
public sealed class CronLine
{
    public const int LengthMax = 128;

    // 29 February on a chosen day of the week comes back within 40 years
    private const int YearsMax = 40;

    private static readonly Dictionary<string, string> Nicknames = new(StringComparer.Ordinal)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    private readonly CronField minute;
    private readonly CronField hour;
    private readonly CronField day;
    private readonly CronField month;
    private readonly CronField weekday;

    private CronLine(CronField[] fields) =>
        (minute, hour, day, month, weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4]);

    /// <summary>The line, or what is wrong with it (AEGIS1152), a day that never comes included.</summary>
    public static (CronLine? Line, AegisError? Error) Parse(string text)
    {
        var plain = Nicknames.GetValueOrDefault(text.Trim(), text);
        var parts = plain.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != CronFieldKind.All.Length)
        {
            return (null, new AegisError("AEGIS1152", "the cron line has not five fields",
                "minute hour day month weekday, or @hourly, @daily, @weekly, @monthly, @yearly",
                $"{parts.Length} fields", parts.Length is 6 or 7 ? "leave seconds and year out" : null));
        }
        var fields = new CronField[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            (fields[i], var error) = CronField.Parse(parts[i], CronFieldKind.All[i]);
            if (error is not null)
            {
                return (null, error);
            }
        }
        var line = new CronLine(fields);
        return line.NextLocal(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified)) is null
            ? (null, new AegisError("AEGIS1152", "the cron line names a day that never comes",
                "a day that its months have", text))
            : (line, null);
    }

    /// <summary>The first instant after <paramref name="after"/>; null where there is none within 40
    /// years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone) =>
        minute.IsStar || hour.IsStar ? NextByTheClock(after, zone) : NextFixed(after, zone);

    private DateTimeOffset? NextFixed(DateTimeOffset after, TimeZoneInfo zone)
    {
        var local = after.ToUniversalTime().ToOffset(zone.GetUtcOffset(after)).DateTime;
        while (NextLocal(local) is { } match)
        {
            var instant = InstantOf(match, zone);
            if (instant > after)
            {
                return instant;
            }
            local = match;
        }
        return null;
    }

    private static DateTimeOffset InstantOf(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsAmbiguousTime(local))
        {
            // the first of the two: the one with the larger offset
            return Utc(local, zone.GetAmbiguousTimeOffsets(local).Max());
        }
        var valid = local;
        while (zone.IsInvalidTime(valid))
        {
            valid = valid.AddMinutes(1);
        }
        return Utc(valid, zone.GetUtcOffset(valid));
    }

    /// <summary>Goes from one change of the clock to the next, each stretch by its own offset, so that
    /// an hour that comes twice is walked twice.</summary>
    private DateTimeOffset? NextByTheClock(DateTimeOffset after, TimeZoneInfo zone)
    {
        var (from, offset) = (after.ToUniversalTime(), zone.GetUtcOffset(after));
        var local = from.ToOffset(offset).DateTime;
        while (NextLocal(local) is { } match)
        {
            var instant = Utc(match, offset);
            if (zone.GetUtcOffset(instant) == offset)
            {
                return instant;
            }
            from = ChangeBetween(from, instant, offset, zone);
            offset = zone.GetUtcOffset(from);
            // the minute of the change itself may match
            local = from.ToOffset(offset).DateTime.AddTicks(-1);
        }
        return null;
    }

    private static DateTimeOffset ChangeBetween(
        DateTimeOffset from, DateTimeOffset to, TimeSpan offset, TimeZoneInfo zone)
    {
        var step = TimeSpan.FromDays(1);
        while (from + step < to && zone.GetUtcOffset(from + step) == offset)
        {
            from += step;
        }
        var (before, behind) = (from, from + step < to ? from + step : to);
        while (behind - before > TimeSpan.FromSeconds(1))
        {
            var middle = before + ((behind - before) / 2);
            (before, behind) = zone.GetUtcOffset(middle) == offset ? (middle, behind) : (before, middle);
        }
        // zones change on whole seconds
        return new DateTimeOffset(behind.Ticks - (behind.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
    }

    /// <summary>The next matching minute of the wall clock, whatever offsets there are.</summary>
    private DateTime? NextLocal(DateTime after)
    {
        if (after.Year + YearsMax > DateTime.MaxValue.Year)
        {
            return null;
        }
        var at = after.AddTicks(-(after.Ticks % TimeSpan.TicksPerMinute)).AddMinutes(1);
        var last = at.Year + YearsMax;
        while (at.Year <= last)
        {
            if (!month.Holds(at.Month))
            {
                at = new DateTime(at.Year, at.Month, 1, 0, 0, 0, at.Kind).AddMonths(1);
            }
            else if (!HoldsDay(at))
            {
                at = at.Date.AddDays(1);
            }
            else if (hour.From(at.Hour) is var h && h != at.Hour)
            {
                at = h < 0 ? at.Date.AddDays(1) : at.Date.AddHours(h);
            }
            else if (minute.From(at.Minute) is var m && m >= 0)
            {
                return at.AddMinutes(m - at.Minute);
            }
            else
            {
                at = at.Date.AddHours(at.Hour + 1);
            }
        }
        return null;
    }

    private bool HoldsDay(DateTime at)
    {
        var (byDay, byWeekday) = (day.Holds(at.Day), weekday.Holds((int)at.DayOfWeek));
        return day.IsStar || weekday.IsStar ? byDay && byWeekday : byDay || byWeekday;
    }

    private static DateTimeOffset Utc(DateTime local, TimeSpan offset) =>
        new DateTimeOffset(local, offset).ToUniversalTime();
}
