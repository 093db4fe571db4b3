using System.Globalization;

namespace Aegis.Core.Routing.Failures;

/// <summary>Reads how long a provider asks to be left alone: <c>Retry-After</c> (RFC 9110, 10.2.3) in seconds
/// or as a date, and <c>retry-after-ms</c>, which some providers send beside it.</summary>
public static class RetryAfter
{
    /// <summary>What is longer is taken for this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly string[] Dates =
        ["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <returns>Null where neither says anything that can be read; 0 where the time is over.</returns>
    public static TimeSpan? Read(string? retryAfter, string? retryAfterMs, DateTimeOffset now)
    {
        if (Number(retryAfterMs) is { } ms)
        {
            return Bounded(ms / 1_000);
        }
        if (Number(retryAfter) is { } seconds)
        {
            return Bounded(seconds);
        }
        return DateTimeOffset.TryParseExact(retryAfter?.Trim(), Dates, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite, out var at)
                ? Bounded((at - now).TotalSeconds)
                : null;
    }

    private static double? Number(string? text) =>
        double.TryParse(text?.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var number) && double.IsFinite(number) ? number : null;

    private static TimeSpan Bounded(double seconds) =>
        TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds));
}
