namespace Aegis.Engine.Pump;

/// <summary>Calls back at a time. One timer, a queue by time: thousands of waiting retries cost no
/// thread.</summary>
public sealed class Alarms : IDisposable
{
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly PriorityQueue<Action, DateTimeOffset> queue = new();
    private readonly ITimer timer;

    public Alarms(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void At(DateTimeOffset due, Action callback)
    {
        lock (gate)
        {
            queue.Enqueue(callback, due);
            Arm();
        }
    }

    public void Dispose() => timer.Dispose();

    private void Ring()
    {
        var due = new List<Action>();
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (queue.TryPeek(out var callback, out var at) && at <= now)
            {
                queue.Dequeue();
                due.Add(callback);
            }
            Arm();
        }
        foreach (var callback in due)
        {
            callback();
        }
    }

    private void Arm()
    {
        if (queue.TryPeek(out _, out var at))
        {
            var left = at - time.GetUtcNow();
            timer.Change(left <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1)
                : left, Timeout.InfiniteTimeSpan);
        }
    }
}
