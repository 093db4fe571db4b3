using System.Collections.Immutable;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;

namespace Aegis.Discovery.Store;

/// <summary>How far a download is.</summary>
/// <param name="Error">Why it ended; null while it runs.</param>
public sealed record PullState(ModelManifest Manifest, long BytesThere, AegisError? Error);

/// <summary>Downloads that go on behind the caller's back. Those of a process that dies are half downloads
/// then, with which the next pull goes on.</summary>
public sealed class ModelPulls(ModelStore store, ModelHub hub) : IAsyncDisposable
{
    /// <summary>How many run at once.</summary>
    public const int RunningMax = 4;

    /// <summary>Failed ones that are remembered.</summary>
    public const int FailedMax = 50;

    private readonly Lock door = new();
    private readonly CancellationTokenSource stop = new();
    private readonly OrderedDictionary<ModelName, PullState> states = new();
    private readonly Dictionary<ModelName, Task> running = [];

    /// <summary>Those that run, and those that failed and were not begun anew.</summary>
    public ImmutableArray<PullState> States()
    {
        lock (door)
        {
            return [.. states.Values];
        }
    }

    /// <summary>Begins a download, or finds that the model is there already.</summary>
    /// <param name="revision">A branch or a commit.</param>
    /// <exception cref="AegisException">AEGIS2490 to 2498.</exception>
    public async Task<ModelManifest> StartAsync(
        ModelName name, string revision, string? token, CancellationToken cancel)
    {
        var manifest = await hub.ManifestAsync(name, revision, token, cancel);
        lock (door)
        {
            ObjectDisposedException.ThrowIf(stop.IsCancellationRequested, this);
            if (store.Find(name) is { } there && there.Manifest.Revision == manifest.Revision)
            {
                store.Use(name);
                states.Remove(name);
                return there.Manifest;
            }
            if (running.Count >= RunningMax)
            {
                throw StoreErrors.Busy(name, $"{RunningMax} models are being loaded already");
            }
            var place = Begin(manifest);
            states[name] = new PullState(manifest, 0, null);
            running[name] = Task.Run(() => LoadAsync(place, token), CancellationToken.None);
            return manifest;
        }
    }

    /// <summary>Completes when no download of that model runs.</summary>
    public Task EndOfAsync(ModelName name)
    {
        lock (door)
        {
            return running.GetValueOrDefault(name) ?? Task.CompletedTask;
        }
    }

    /// <summary>Forgets why a download failed.</summary>
    public void Forget(ModelName name)
    {
        lock (door)
        {
            if (!running.ContainsKey(name))
            {
                states.Remove(name);
            }
        }
    }

    /// <summary>Ends what runs; it can be gone on with later.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] ending;
        lock (door)
        {
            stop.Cancel();
            ending = [.. running.Values];
        }
        await Task.WhenAll(ending);
        stop.Dispose();
    }

    private ModelPlace Begin(ModelManifest manifest)
    {
        try
        {
            return store.Begin(manifest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.DiskRefuses(e);
        }
    }

    private async Task LoadAsync(ModelPlace place, string? token)
    {
        AegisError? error = null;
        try
        {
            error = await ErrorOfAsync(place, token);
        }
        finally
        {
            lock (door)
            {
                running.Remove(place.Manifest.Name);
                states.Remove(place.Manifest.Name, out var last);
                if (error is not null)
                {
                    ForgetOldest();
                    states[place.Manifest.Name] = last! with { Error = error };
                }
            }
        }
    }

    private void ForgetOldest()
    {
        var failed = states.Where(s => s.Value.Error is not null).Select(s => s.Key).ToList();
        foreach (var name in failed.Take(failed.Count - FailedMax + 1))
        {
            states.Remove(name);
        }
    }

    private async Task<AegisError?> ErrorOfAsync(ModelPlace place, string? token)
    {
        using (place)
        {
            try
            {
                await hub.LoadAsync(place, token, bytes => Tell(place.Manifest, bytes), stop.Token);
                return null;
            }
            catch (AegisException e)
            {
                return e.Error;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return StoreErrors.DiskRefuses(e).Error;
            }
            catch (OperationCanceledException)
            {
                // the process stops
                return null;
            }
        }
    }

    private void Tell(ModelManifest manifest, long bytes)
    {
        lock (door)
        {
            states[manifest.Name] = new PullState(manifest, bytes, null);
        }
    }
}
