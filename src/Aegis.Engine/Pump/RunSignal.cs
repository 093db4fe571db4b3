namespace Aegis.Engine.Pump;

/// <summary>Wakes everybody who waits for a run to grow. Costs a null check when nobody does.</summary>
public sealed class RunSignal
{
    private TaskCompletionSource? waiter;

    public void Wake() => Interlocked.Exchange(ref waiter, null)?.TrySetResult();

    /// <summary>Completes at the next <see cref="Wake"/>. Take it before looking at the state.</summary>
    public Task Next()
    {
        while (true)
        {
            var current = Volatile.Read(ref waiter);
            if (current is not null)
            {
                return current.Task;
            }
            var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Interlocked.CompareExchange(ref waiter, made, null) is null)
            {
                return made.Task;
            }
        }
    }
}
