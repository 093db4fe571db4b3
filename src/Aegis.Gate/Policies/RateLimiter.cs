namespace Aegis.Gate.Policies;

/// <summary>So many calls a minute, counted for an owner (a tenant, a key, a project's tool).</summary>
public readonly record struct RateClaim(string Owner, string What, int PerMinute);

/// <summary>
/// Token buckets: each holds a minute's calls and fills evenly. Kept as the one moment at which a bucket will
/// be full again (the generic cell rate algorithm), so a bucket costs one number, and one that is full need
/// not be kept at all: that bounds the memory. A call takes from all its buckets or from none.
/// </summary>
public sealed class RateLimiter(TimeProvider time)
{
    /// <summary>Buckets that are not full. Past it a call that needs a further one waits.</summary>
    public const int BucketsMax = 65_536;

    private const long Minute = TimeSpan.TicksPerMinute;
    private readonly Lock gate = new();
    private readonly Dictionary<(string Owner, string What), long> fullAt = [];

    public int Count
    {
        get
        {
            lock (gate)
            {
                return fullAt.Count;
            }
        }
    }

    /// <summary>Zero where the call may be made, and then it is counted if <paramref name="takes"/>; else how
    /// long to wait, and for which claim.</summary>
    public TimeSpan Take(IReadOnlyList<RateClaim> claims, bool takes, out RateClaim lacking)
    {
        lacking = default;
        long now = time.GetUtcNow().UtcTicks, wait = 0;
        lock (gate)
        {
            foreach (var claim in claims)
            {
                var step = Minute / claim.PerMinute;
                var full = fullAt.GetValueOrDefault((claim.Owner, claim.What));
                if (full - now - (Minute - step) is > 0 and var left && left > wait)
                {
                    (wait, lacking) = (left, claim);
                }
            }
            if (wait == 0 && takes)
            {
                wait = Charge(claims, now, ref lacking);
            }
        }
        return TimeSpan.FromTicks(wait);
    }

    /// <summary>How many calls may be made now.</summary>
    public long Left(RateClaim claim)
    {
        lock (gate)
        {
            var full = fullAt.GetValueOrDefault((claim.Owner, claim.What));
            var empty = Math.Clamp(full - time.GetUtcNow().UtcTicks, 0, Minute);
            return (Minute - empty) / (Minute / claim.PerMinute);
        }
    }

    private long Charge(IReadOnlyList<RateClaim> claims, long now, ref RateClaim lacking)
    {
        if (fullAt.Count + claims.Count > BucketsMax)
        {
            foreach (var (key, full) in fullAt.ToList())
            {
                if (full <= now)
                {
                    fullAt.Remove(key);
                }
            }
            if (fullAt.Count + claims.Count > BucketsMax)
            {
                lacking = claims[0];
                return TimeSpan.TicksPerSecond;
            }
        }
        foreach (var claim in claims)
        {
            var key = (claim.Owner, claim.What);
            fullAt[key] = Math.Max(fullAt.GetValueOrDefault(key), now) + (Minute / claim.PerMinute);
        }
        return 0;
    }
}
