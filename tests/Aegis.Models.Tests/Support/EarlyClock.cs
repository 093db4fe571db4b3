namespace Aegis.Models.Tests.Support;

/// <summary>A clock whose short timers go off at once, when by the clock some milliseconds are missing yet,
/// as those of a coarse system clock do. Timers above <see cref="Short"/> never go off.</summary>
internal sealed class EarlyClock : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(3);
    private long now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime,
        TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero || dueTime > Short)
        {
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        }
        Interlocked.Add(ref now, (dueTime > Early ? dueTime - Early : dueTime).Ticks);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
