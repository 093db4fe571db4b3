using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Aegis.Models.Upstreams;

/// <summary>Connects to this machine and to the hosts that the operator lists, and to nothing else. The
/// address is looked at where the connection is made: a name that is resolved again afterwards cannot lead
/// elsewhere, and no proxy stands between.</summary>
internal sealed class LocalDial(ImmutableArray<string> hosts)
{
    private readonly FrozenSet<string> _hosts = hosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = await Dns.GetHostAddressesAsync(host, cancel);
        if (!_hosts.Contains($"{host}:{port}") && !found.All(IPAddress.IsLoopback))
        {
            throw new NotLocalException(host);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>An address that is said to be local leads elsewhere.</summary>
internal sealed class NotLocalException(string host) : IOException($"{host} is not local")
{
    public string Host => host;

    public NotLocalException()
        : this("?")
    {
    }

    public NotLocalException(string message, Exception inner)
        : this($"{message}: {inner.Message}")
    {
    }
}
