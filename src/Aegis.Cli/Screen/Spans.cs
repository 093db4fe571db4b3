using System.Globalization;

namespace Aegis.Cli.Screen;

/// <summary>Durations for people: <c>830ms</c>, <c>4.2s</c>, <c>3m07s</c>, <c>2h05m</c>.</summary>
internal static class Spans
{
    public static string Text(TimeSpan? span) => span switch
    {
        null => "-",
        { TotalSeconds: < 1 } s => $"{Math.Max(0, (int)s.TotalMilliseconds)}ms",
        { TotalMinutes: < 1 } s => s.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s",
        { TotalHours: < 1 } s => $"{(int)s.TotalMinutes}m{s.Seconds:00}s",
        { } s => $"{(int)s.TotalHours}h{s.Minutes:00}m",
    };
}
