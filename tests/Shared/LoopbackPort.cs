using System.Net;
using System.Net.Sockets;

namespace Aegis.Tests.Shared;

/// <summary>A free port on loopback that takes connections until it is disposed of.</summary>
public sealed class LoopbackPort : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LoopbackPort()
    {
        listener.Start();
        Number = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public int Number { get; }

    /// <summary>Completes when the port is disposed of.</summary>
    public Task Ended => ended.Task;

    /// <summary>Cancelled when the port is disposed of.</summary>
    public CancellationToken Stopped => stop.Token;

    /// <summary>The next connection; null once the port is disposed of, whenever that falls: a listener
    /// that was stopped between two calls throws another exception than one that waits.</summary>
    public async Task<TcpClient?> NextAsync()
    {
        try
        {
            return await listener.AcceptTcpClientAsync(stop.Token);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        ended.TrySetResult();
    }
}
