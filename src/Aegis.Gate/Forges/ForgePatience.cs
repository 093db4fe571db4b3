using System.Globalization;
using System.Net.Http.Headers;

namespace Aegis.Gate;

/// <summary>Whether a forge's answer is worth asking again for, and when: GitHub's rules for its primary and
/// secondary rate limits, and a short while for a server that is out of order.</summary>
internal static class ForgePatience
{
    public const int TriesMax = 4;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(500);

    // GitHub's advice for a secondary limit that states no time
    private static readonly TimeSpan Unstated = TimeSpan.FromMinutes(1);

    /// <summary>How long until a rate limit is over; null where the answer speaks of none.</summary>
    public static TimeSpan? RateLimit(int status, HttpResponseHeaders headers, string body,
        DateTimeOffset now)
    {
        if (status is not (403 or 429))
        {
            return null;
        }
        if (headers.RetryAfter is { } after)
        {
            return Positive(after.Delta ?? after.Date!.Value - now);
        }
        if (Header(headers, "x-ratelimit-remaining") == "0" && long.TryParse(
            Header(headers, "x-ratelimit-reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && at <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return Positive(DateTimeOffset.FromUnixTimeSeconds(at) - now);
        }
        return status == 429 || body.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase)
            ? Unstated : null;
    }

    /// <summary>A read may go again; a change may have taken place, and whoever asked for it looks
    /// first.</summary>
    public static TimeSpan? OutOfOrder(string method, int status, int tries) =>
        method == "GET" && tries < TriesMax && status is (500 or 502 or 503 or 504)
            ? Breath * (1 << (tries - 1)) : null;

    // times are cut to seconds on the way
    private static TimeSpan Positive(TimeSpan wait) =>
        (wait > TimeSpan.Zero ? wait : TimeSpan.Zero) + TimeSpan.FromSeconds(1);

    private static string? Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : null;
}
