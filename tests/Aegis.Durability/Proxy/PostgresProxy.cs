using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Aegis.Durability.Proxy;

/// <summary>
/// Stands on a Unix socket between the server and PostgreSQL. A kill at a random time hits the few
/// milliseconds that matter about never; here every group commit can be stopped before PostgreSQL sees it,
/// after it has got it, and after it has committed but before the server knows. All other connections are
/// only carried.
/// </summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly Socket listener;
    private readonly string upstream;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<ProxyLink, Task> links = new();
    private readonly Task accepting;
    private volatile Tripwire[] wires = [];

    /// <param name="directory">Where the proxy's socket goes: the <c>host=</c> of AEGIS_POSTGRES.</param>
    /// <param name="upstreamDirectory">Where PostgreSQL's own socket is.</param>
    public PostgresProxy(string directory, string upstreamDirectory)
    {
        Directory = directory;
        upstream = SocketFile(upstreamDirectory);
        System.IO.Directory.CreateDirectory(directory);
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketFile(directory)));
        listener.Listen(64);
        accepting = AcceptAsync();
    }

    public string Directory { get; }

    /// <summary>Every flush that was seen, in order, forwarded or not.</summary>
    public ConcurrentQueue<Flush> Seen { get; } = new();

    /// <summary>Replaces what is waited for.</summary>
    public void Arm(params Tripwire[] set) => wires = set;

    /// <summary>Adds to what is waited for.</summary>
    public void ArmAlso(Tripwire wire) => wires = [.. wires, wire];

    public void Disarm() => wires = [];

    /// <summary>Breaks every connection, as a network does.</summary>
    public void CutAll()
    {
        foreach (var link in links.Keys)
        {
            link.Cut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        CutAll();
        await accepting;
        await Task.WhenAll(links.Values);
        stop.Dispose();
    }

    internal Tripwire? Note(Flush flush)
    {
        Seen.Enqueue(flush);
        return wires.FirstOrDefault(w => w.Takes(flush));
    }

    private static string SocketFile(string directory) => Path.Combine(directory, ".s.PGSQL.5432");

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(stop.Token);
                var link = new ProxyLink(this, client, upstream);
                links[link] = Task.CompletedTask;
                links[link] = Task.Run(async () =>
                {
                    await link.RunAsync(stop.Token);
                    links.TryRemove(link, out _);
                });
            }
            catch (Exception e) when (
                e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
