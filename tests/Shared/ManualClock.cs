namespace Aegis.Tests.Shared;

/// <summary>A clock that a test moves by hand; its timers go off when it passes them.</summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private TaskCompletionSource timerSet = NewSignal();
    private TimeSpan now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime,
        TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes once there is a timer that an advance by so much makes go off.</summary>
    public async Task TimerWithinAsync(TimeSpan by)
    {
        while (NextTimer(by) is { } set)
        {
            await set;
        }
    }

    public void Advance(TimeSpan by)
    {
        Timer[] due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(timer => timer.At <= now)];
            timers.RemoveAll(due.Contains);
        }
        foreach (var timer in due)
        {
            timer.GoOff();
        }
    }

    private static TaskCompletionSource NewSignal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when another timer is set; null where one is due by then.</summary>
    private Task? NextTimer(TimeSpan by)
    {
        lock (gate)
        {
            return timers.Exists(timer => timer.At <= now + by) ? null : timerSet.Task;
        }
    }

    private sealed class Timer(ManualClock clock, Action goOff) : ITimer
    {
        public TimeSpan At { get; private set; }

        public void GoOff() => goOff();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    At = clock.now + dueTime;
                    clock.timers.Add(this);
                    clock.timerSet.SetResult();
                    clock.timerSet = NewSignal();
                }
            }
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
