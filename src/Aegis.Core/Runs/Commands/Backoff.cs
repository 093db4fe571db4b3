using Aegis.Core.Plans;

namespace Aegis.Core.Runs.Commands;

/// <summary>The wait before a retry: base delay, linear or doubled per try, cut at the maximum, then a chance
/// part takes off up to half (equal jitter), so that many runs do not come back at once.</summary>
public static class Backoff
{
    public static TimeSpan Delay(RetrySpec retry, int tries, double jitter)
    {
        var factor = retry.Backoff switch
        {
            BackoffKind.Constant => 1d,
            BackoffKind.Linear => tries,
            _ => Math.Pow(2, Math.Min(tries - 1, 30)),
        };
        var full = Math.Min(retry.Delay.TotalMilliseconds * factor, retry.DelayMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (1 - (jitter / 2)));
    }
}
