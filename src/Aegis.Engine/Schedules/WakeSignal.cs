namespace Aegis.Engine.Schedules;

/// <summary>Wakes the one that waits. A wake during its work is not lost: the next wait returns at
/// once.</summary>
public sealed class WakeSignal
{
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Wake() => Volatile.Read(ref next).TrySetResult();

    /// <summary>Returns at a wake, or after <paramref name="max"/>.</summary>
    public async Task WaitAsync(TimeSpan max, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            await Volatile.Read(ref next).Task.WaitAsync(max, time, cancel);
            // whoever woke between the return and this line is served by the work that follows
            Volatile.Write(ref next, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        catch (TimeoutException)
        {
            // the time is up, which is as good as a wake
        }
    }
}

/// <summary>What the doors, the engine and the beats of one server tell each other. Another node's news is
/// found by the beats' own look at the ledger.</summary>
public sealed class TriggerSignals
{
    public WakeSignal Schedules { get; } = new();

    public WakeSignal Starts { get; } = new();

    /// <summary>A run began, ended or asks somebody.</summary>
    public WakeSignal Runs { get; } = new();

    public WakeSignal Deliveries { get; } = new();

    /// <summary>A verdict on a model came, or a stand-in was taken back.</summary>
    public WakeSignal Learning { get; } = new();
}
