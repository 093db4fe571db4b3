namespace Aegis.Core.Schedules;

/// <summary>Time zones by their IANA names, as this host knows them.</summary>
public static class CronZone
{
    public static TimeZoneInfo? Find(string name) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    public static bool IsKnown(string name) => Find(name) is not null;
}
