using Aegis.Core.Deployments;

namespace Aegis.Engine.Deployments;

/// <summary>How a program's life ended by itself.</summary>
/// <param name="Code">Null where it was ended for not answering its health check.</param>
/// <param name="Why">For people.</param>
internal sealed record ServiceDeath(ServiceSpec Service, int? Code, string Why);

/// <summary>Keeps one program of a release alive: starts it, asks whether it is well, and starts it again
/// when it dies, after the pause that its owner says.</summary>
internal sealed class ServiceWatch : IAsyncDisposable
{
    private const int AilingMax = 3;
    private static readonly TimeSpan HealthEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartPoll = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stop = new();
    private readonly ServicePlace place;
    private readonly Func<ServiceDeath, TimeSpan> died;
    private readonly Lock gate = new();
    private TaskCompletionSource<ServiceInstance> well = Fresh();
    private Task keeping = Task.CompletedTask;

    /// <param name="died">Told of each death; answers with the pause before the next start.</param>
    public ServiceWatch(ServicePlace place, Func<ServiceDeath, TimeSpan> died) =>
        (this.place, this.died) = (place, died);

    public ServiceSpec Service => place.Service;

    public bool IsWell => well.Task.IsCompletedSuccessfully;

    /// <summary>The program once it is well; waits while it is started again.</summary>
    public Task<ServiceInstance> WellAsync(TimeSpan longest, CancellationToken cancel)
    {
        lock (gate)
        {
            // one that has died is no answer, though its keeper does not know yet
            if (well.Task is { IsCompletedSuccessfully: true, Result.Ended.IsCompleted: true })
            {
                well = Fresh();
            }
            return well.Task.WaitAsync(longest, place.Parts.Time, cancel);
        }
    }

    /// <summary>Starts it and returns when it is well. Throws AEGIS2663 where it is not in time.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        var instance = await ServiceInstance.StartAsync(place, cancel);
        try
        {
            if (await ComesUpAsync(instance, cancel) is { } trouble)
            {
                throw DeploymentErrors.NotHealthy(Service.Name, trouble.Why, LastLine());
            }
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
        keeping = Task.Run(() => KeepAsync(instance), CancellationToken.None);
    }

    /// <summary>Starts it as often as it takes.</summary>
    public void StartSometime() => keeping = Task.Run(() => KeepAsync(null), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await keeping;
        lock (gate)
        {
            well.TrySetException(new IOException($"{Service.Name} was taken down"));
            _ = well.Task.Exception;
        }
        stop.Dispose();
    }

    private async Task KeepAsync(ServiceInstance? first)
    {
        try
        {
            for (var instance = first; ; instance = null)
            {
                if (await LiveAsync(instance) is { } death)
                {
                    await Task.Delay(died(death), place.Parts.Time, stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // taken down
        }
        catch (Exception e)
        {
            EngineLog.DeploymentBroke(place.Parts.Log, place.Name, e);
        }
    }

    private async Task<ServiceDeath?> LiveAsync(ServiceInstance? started)
    {
        ServiceInstance? instance = started;
        try
        {
            if (instance is null)
            {
                instance = await ServiceInstance.StartAsync(place, stop.Token);
                if (await ComesUpAsync(instance, stop.Token) is { } early)
                {
                    return early;
                }
            }
            Say(instance);
            return await DiesAsync(instance);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // whatever keeps it from being started now may be over the next time
            return new ServiceDeath(Service, null, e is Core.Errors.AegisException refused
                ? refused.Error.Message : $"it could not be started: {e.GetType().Name}");
        }
        finally
        {
            Unsay();
            if (instance is not null)
            {
                await instance.DisposeAsync();
            }
        }
    }

    /// <summary>Null when it is well.</summary>
    private async Task<ServiceDeath?> ComesUpAsync(ServiceInstance instance, CancellationToken cancel)
    {
        var since = place.Parts.Time.GetTimestamp();
        while (true)
        {
            var ailing = await instance.AilingAsync(cancel);
            if (ailing is null)
            {
                return null;
            }
            if (instance.Ended.IsCompleted)
            {
                var code = await instance.Ended;
                return new ServiceDeath(Service, code, $"it ended with {code}");
            }
            if (place.Parts.Time.GetElapsedTime(since) > TimeSpan.FromSeconds(place.Release.StartSeconds))
            {
                return new ServiceDeath(
                    Service, null, $"{ailing}, for {place.Release.StartSeconds} s");
            }
            await Task.WhenAny(instance.Ended, Task.Delay(StartPoll, place.Parts.Time, cancel));
        }
    }

    private async Task<ServiceDeath?> DiesAsync(ServiceInstance instance)
    {
        for (var ailing = 0; ;)
        {
            if (await Task.WhenAny(instance.Ended, Task.Delay(HealthEvery, place.Parts.Time, stop.Token))
                == instance.Ended)
            {
                var code = await instance.Ended;
                stop.Token.ThrowIfCancellationRequested();
                return new ServiceDeath(Service, code, $"it ended with {code}");
            }
            var why = await instance.AilingAsync(stop.Token);
            ailing = why is null ? 0 : ailing + 1;
            if (ailing >= AilingMax && why is not null)
            {
                return new ServiceDeath(Service, null, $"{why}, {AilingMax} times");
            }
        }
    }

    private void Say(ServiceInstance instance)
    {
        lock (gate)
        {
            well.TrySetResult(instance);
        }
    }

    private void Unsay()
    {
        lock (gate)
        {
            if (well.Task.IsCompleted)
            {
                well = Fresh();
            }
        }
    }

    private string? LastLine() => place.Log.Tail(1_024).Split('\n').LastOrDefault(l => l.Length > 0);

    private static TaskCompletionSource<ServiceInstance> Fresh() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
