namespace Aegis.Sandbox.Egress;

/// <summary>A rate: up to one second's worth goes through at once, then what comes faster waits.</summary>
internal sealed class TokenBucket(long perSecond, TimeProvider time)
{
    private readonly Lock gate = new();
    private double left = perSecond;
    private long at = time.GetTimestamp();

    public ValueTask TakeAsync(int count, CancellationToken cancel)
    {
        var wait = Reserve(count);
        return wait > TimeSpan.Zero ? new ValueTask(Task.Delay(wait, time, cancel)) : default;
    }

    /// <summary>Takes them, and says how long to wait until they are there.</summary>
    internal TimeSpan Reserve(int count)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            left = Math.Min(perSecond, left + (time.GetElapsedTime(at, now).TotalSeconds * perSecond));
            at = now;
            left -= count;
            return left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-left / perSecond);
        }
    }
}
