namespace Aegis.Engine.Deployments;

/// <summary>The version before, which stays up beside a new one until that has stood for a while.</summary>
internal sealed class Settling(DeploymentParts parts) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private LiveRelease? kept;

    public void Begin(LiveRelease? before, TimeSpan settle)
    {
        LiveRelease? older;
        lock (gate)
        {
            (older, kept) = (kept, before);
        }
        if (older is not null)
        {
            _ = Task.Run(older.RetireAsync);
        }
        if (before is null)
        {
            return;
        }
        _ = Task.Run(async () =>
        {
            try
            {
                await Task.Delay(settle, parts.Time, stop.Token);
                if (Take(r => r == before) is { } old)
                {
                    await old.RetireAsync();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                // whoever stops the deployment ends it
            }
        });
    }

    /// <summary>What still stands of a version, which is the caller's from then on.</summary>
    public LiveRelease? Take(Predicate<LiveRelease> which)
    {
        lock (gate)
        {
            if (kept is null || !which(kept))
            {
                return null;
            }
            (var taken, kept) = (kept, null);
            return taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await EndAsync();
        stop.Dispose();
    }

    /// <summary>Ends it now.</summary>
    public async Task EndAsync()
    {
        LiveRelease? old;
        lock (gate)
        {
            (old, kept) = (kept, null);
        }
        if (old is not null)
        {
            await old.DisposeAsync();
        }
    }
}
