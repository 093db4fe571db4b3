namespace Aegis.Durability.Proxy;

/// <summary>Waits for one flush, and does something at one moment of it. Fires once.</summary>
/// <param name="Match">Which flush.</param>
/// <param name="At">When.</param>
/// <param name="Act">True: the flush goes its way afterwards. False: the connection is dropped.</param>
internal sealed record Tripwire(Func<Flush, bool> Match, Moment At, Func<Flush, Task<bool>> Act)
{
    private readonly TaskCompletionSource<Flush> fired =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int taken;

    /// <summary>Completes when the act has been done.</summary>
    public Task<Flush> Fired => fired.Task;

    /// <summary>Completes when a flush that was held and went its way has been answered.</summary>
    public Task Answered => answered.Task;

    /// <summary>What the proxy tells of the answer.</summary>
    public Tripwire AtAnswer() => new(_ => false, Moment.AfterAnswer, _ =>
    {
        answered.TrySetResult();
        return Task.FromResult(true);
    });

    /// <summary>True for the first flush that matches, and never again.</summary>
    public bool Takes(Flush flush) => Match(flush) && Interlocked.Exchange(ref taken, 1) == 0;

    public async Task<bool> RunAsync(Flush flush)
    {
        try
        {
            var goOn = await Act(flush);
            fired.TrySetResult(flush);
            return goOn;
        }
        catch (Exception e)
        {
            fired.TrySetException(e);
            return false;
        }
    }
}
