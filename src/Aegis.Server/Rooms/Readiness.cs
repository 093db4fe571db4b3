namespace Aegis.Server.Rooms;

/// <summary>Whether the server takes work.</summary>
public sealed class Readiness : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private volatile string? notReady = "starting";

    /// <summary>Why not, or null.</summary>
    public string? NotReady => notReady;

    /// <summary>Cancelled when the server begins to stop: streams end, so that their clients reconnect
    /// elsewhere.</summary>
    public CancellationToken Stopping => stopping.Token;

    public void Ready() => notReady = null;

    public void Stop()
    {
        notReady = "stopping";
        stopping.Cancel();
    }

    public void Dispose() => stopping.Dispose();
}
