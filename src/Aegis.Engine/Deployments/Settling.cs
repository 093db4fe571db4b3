namespace Aegis.Engine.Deployments;

/// <summary>The version before, which stays up beside a new one until that has stood for a while.</summary>
internal sealed class Settling(DeploymentParts parts) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private LiveRelease? kept;

    public async Task BeginAsync(LiveRelease? before, TimeSpan settle)
    {
        await EndAsync();
        if (before is null)
        {
            return;
        }
        lock (gate)
        {
            kept = before;
        }
        _ = Task.Run(async () =>
        {
            try
            {
                await Task.Delay(settle, parts.Time, stop.Token);
                if (Take(before.Id) is { } old)
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
    public LiveRelease? Take(string id)
    {
        lock (gate)
        {
            if (kept?.Id != id)
            {
                return null;
            }
            (var taken, kept) = (kept, null);
            return taken;
        }
    }

    public async Task EndAsync()
    {
        LiveRelease? old;
        lock (gate)
        {
            (old, kept) = (kept, null);
        }
        if (old is not null)
        {
            await old.RetireAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        LiveRelease? old;
        lock (gate)
        {
            (old, kept) = (kept, null);
        }
        if (old is not null)
        {
            await old.DisposeAsync();
        }
        stop.Dispose();
    }
}
