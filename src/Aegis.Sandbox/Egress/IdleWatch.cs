namespace Aegis.Sandbox.Egress;

/// <summary>Ends what has moved no byte for a while.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly TimeSpan limit;
    private readonly CancellationToken stop;
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource both;

    public IdleWatch(TimeSpan limit, TimeProvider time, CancellationToken stop)
    {
        (this.limit, this.stop) = (limit, stop);
        timer = new CancellationTokenSource(limit, time);
        both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
    }

    public CancellationToken Token => both.Token;

    /// <summary>Whether it was the time, and nobody's stop.</summary>
    public bool IsOver => timer.IsCancellationRequested && !stop.IsCancellationRequested;

    public TimeSpan Limit => limit;

    public void Touch() => timer.CancelAfter(limit);

    /// <summary>Ends everything that goes on under this watch.</summary>
    public void End() => both.Cancel();

    public void Dispose()
    {
        both.Dispose();
        timer.Dispose();
    }
}
