using System.Net;
using System.Net.Sockets;

namespace Aegis.Tests.Shared;

/// <summary>An HTTP server on a free port of loopback that takes requests until it is disposed of.</summary>
public sealed class LoopbackHttp : IDisposable
{
    private const int Tries = 20;
    private readonly HttpListener listener;
    private volatile bool isStopped;

    public LoopbackHttp() => (listener, Port) = Start(Tries);

    public int Port { get; }

    /// <summary>The next request; null once the server is disposed of, whenever that falls: a listener that
    /// was stopped between two calls throws another exception than one that waits.</summary>
    public async Task<HttpListenerContext?> NextAsync()
    {
        try
        {
            return await listener.GetContextAsync();
        }
        catch (Exception) when (isStopped)
        {
            return null;
        }
    }

    public void Dispose()
    {
        isStopped = true;
        listener.Close();
    }

    /// <summary>The listener takes no port of the system's choice, and one that was free a moment ago may be
    /// somebody's by now.</summary>
    private static (HttpListener Listener, int Port) Start(int tries)
    {
        var port = FreePort();
        var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        try
        {
            listener.Start();
            return (listener, port);
        }
        catch (HttpListenerException) when (tries > 1)
        {
            listener.Close();
            return Start(tries - 1);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
