using Aegis.Core.Deployments;

namespace Aegis.Engine.Deployments;

/// <summary>Where the requests of one address go: to the version that is served at the moment.</summary>
public sealed class DeploymentRoutes
{
    private LiveRelease? current;

    internal LiveRelease? Current
    {
        get => Volatile.Read(ref current);
        set => Volatile.Write(ref current, value);
    }

    /// <summary>The service that answers a path, held up until the answer is disposed of; null where none
    /// does.</summary>
    public RouteHold? Find(string path)
    {
        while (Current is { } release)
        {
            if (!release.TryHold())
            {
                continue;
            }
            foreach (var service in release.Spec.Services.OrderByDescending(s => s.Route.Length))
            {
                if (service.Match(path) is { } rest)
                {
                    return new RouteHold(release, service, rest);
                }
            }
            release.Release();
            return null;
        }
        return null;
    }

    /// <summary>Whether anything is served at all.</summary>
    public bool IsServing => Current is not null;
}

/// <summary>A request's hold on what answers it.</summary>
public sealed class RouteHold : IDisposable
{
    private readonly LiveRelease release;

    internal RouteHold(LiveRelease release, ServiceSpec service, string path) =>
        (this.release, Service, Path) = (release, service, path);

    public ServiceSpec Service { get; }

    /// <summary>As the service sees it.</summary>
    public string Path { get; }

    /// <summary>Of files: the folder that they are in.</summary>
    public string Folder => System.IO.Path.Combine(release.Tree, Service.Folder);

    /// <summary>Of a program: what sends a request to it, once it is well, and its end. Throws
    /// <see cref="TimeoutException"/> where that takes too long.</summary>
    public async Task<(HttpMessageInvoker Http, Task Ended)> TargetAsync(CancellationToken cancel)
    {
        var instance = await release.WatchOf(Service).WellAsync(DeploymentLimits.HeldMax, cancel);
        return (instance.Http, instance.Ended);
    }

    public void Dispose() => release.Release();
}
