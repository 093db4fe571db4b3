using Aegis.Core.Deployments;

namespace Aegis.Engine.Deployments;

/// <summary>A deployment's own port on loopback, the same for its whole life where nobody takes it.</summary>
internal sealed class DeploymentAddress(DeploymentPorts ports, IDeploymentFronts fronts) : IAsyncDisposable
{
    private IAsyncDisposable? front;
    private int port;

    public DeploymentRoutes Routes { get; } = new();

    public Uri? Url => port == 0 ? null : new Uri($"http://127.0.0.1:{port}");

    /// <summary>Opens it where it is not open, on the port that it had where it had one.</summary>
    public async Task<int> OpenAsync(int? had, CancellationToken cancel)
    {
        if (front is not null)
        {
            return port;
        }
        foreach (var candidate in ports.Candidates(had))
        {
            ports.Keep(candidate);
            if (await fronts.OpenAsync(candidate, Routes, cancel) is { } opened)
            {
                (front, port) = (opened, candidate);
                return port;
            }
            ports.Give(candidate);
        }
        throw DeploymentErrors.NoPort();
    }

    public async Task CloseAsync()
    {
        if (front is not null)
        {
            await front.DisposeAsync();
            front = null;
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}

/// <summary>The ports of a node's deployments. One that a deployment has had stays its own.</summary>
internal sealed class DeploymentPorts
{
    private readonly Lock gate = new();
    private readonly HashSet<int> taken = [];

    /// <summary>Its own first.</summary>
    public IEnumerable<int> Candidates(int? had) => (had is { } own ? new[] { own } : [])
        .Concat(Enumerable.Range(DeploymentLimits.PortFirst, DeploymentLimits.PortsMax)
            .Where(port => !IsTaken(port)));

    /// <summary>No other deployment gets it.</summary>
    public void Keep(int port)
    {
        lock (gate)
        {
            taken.Add(port);
        }
    }

    public void Give(int port)
    {
        lock (gate)
        {
            taken.Remove(port);
        }
    }

    private bool IsTaken(int port)
    {
        lock (gate)
        {
            return taken.Contains(port);
        }
    }
}
