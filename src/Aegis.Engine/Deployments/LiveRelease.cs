using System.Collections.Immutable;
using Aegis.Core.Deployments;

namespace Aegis.Engine.Deployments;

/// <summary>A version that runs: its programs, its files, and the requests that are under way to
/// it.</summary>
internal sealed class LiveRelease : IAsyncDisposable
{
    private readonly ImmutableArray<ServiceWatch> watches;
    private readonly TaskCompletionSource drained =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TimeProvider time;

    // counts the owner too, until it lets go
    private int holders = 1;
    private int ended;
    private int awaited;

    public LiveRelease(string id, ReleaseSpec spec, string tree, ServicePlace place,
        Func<LiveRelease, ServiceDeath, TimeSpan> died)
    {
        (Id, Spec, Tree, time) = (id, spec, tree, place.Parts.Time);
        watches = [.. spec.Services.Where(s => !s.IsStatic).Select(s => new ServiceWatch(
            place with { Service = s, Release = spec }, death => died(this, death)))];
    }

    public string Id { get; }

    public ReleaseSpec Spec { get; }

    /// <summary>The sealed tree on this host.</summary>
    public string Tree { get; }

    public CrashCount Crashes { get; set; } = CrashCount.None;

    public IEnumerable<(string Service, bool Well)> Health =>
        Spec.Services.Select(s => (s.Name, s.IsStatic || watches.Any(w => w.Service == s && w.IsWell)));

    /// <summary>All of its programs, one beside the other; throws what the first that fails says.</summary>
    public Task StartAsync(CancellationToken cancel) =>
        Task.WhenAll(watches.Select(w => w.StartAsync(cancel)));

    public void StartSometime()
    {
        foreach (var watch in watches)
        {
            watch.StartSometime();
        }
    }

    public async Task WellAsync(TimeSpan longest, CancellationToken cancel)
    {
        foreach (var watch in watches)
        {
            await watch.WellAsync(longest, cancel);
        }
    }

    /// <summary>False where somebody waits for it to be well again already.</summary>
    public bool TryAwait() => Interlocked.Exchange(ref awaited, 1) == 0;

    public void Awaited() => Volatile.Write(ref awaited, 0);

    public ServiceWatch WatchOf(ServiceSpec service) => watches.First(w => w.Service == service);

    /// <summary>Keeps it up for a request. False where it is being taken down.</summary>
    public bool TryHold()
    {
        while (Volatile.Read(ref holders) is var now and > 0)
        {
            if (Interlocked.CompareExchange(ref holders, now + 1, now) == now)
            {
                return true;
            }
        }
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            drained.TrySetResult();
        }
    }

    /// <summary>Lets the requests under way end, then the programs.</summary>
    public async Task RetireAsync()
    {
        if (Interlocked.Exchange(ref ended, 1) != 0)
        {
            return;
        }
        Release();
        await Task.WhenAny(drained.Task, Task.Delay(DeploymentLimits.DrainMax, time));
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            await EndAsync();
        }
    }

    private Task EndAsync() => Task.WhenAll(watches.Select(w => w.DisposeAsync().AsTask()));
}
