namespace Aegis.Gate.Logs;

/// <summary>Wakes any number of waiting readers when something changed. Take the task first, look second,
/// wait third: then no change is missed.</summary>
internal sealed class LogSignal
{
    private TaskCompletionSource? _next;

    public Task Next
    {
        get
        {
            var seen = Volatile.Read(ref _next);
            if (seen is not null)
            {
                return seen.Task;
            }
            var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _next, made, null) ?? made).Task;
        }
    }

    // without a reader there is nothing to complete and nothing is allocated
    public void Pulse() => Interlocked.Exchange(ref _next, null)?.SetResult();
}
