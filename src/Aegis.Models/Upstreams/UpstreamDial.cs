using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Aegis.Models.Upstreams;

/// <summary>Connects to providers. A profile may name any address, those of this machine and its network too,
/// but none at which machines are told who they are: there a cloud gives out its keys. What is local only
/// stays on this machine and on the hosts that the operator lists. The address is looked at where the
/// connection is made: a name that is resolved again afterwards cannot lead elsewhere.</summary>
internal sealed class UpstreamDial(ImmutableArray<string> hosts, bool isLocalOnly)
{
    // link-local and multicast, and where clouds answer beside these
    private static readonly ImmutableArray<IPNetwork> Barred =
    [
        .. new[]
        {
            "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "100.100.100.200/32", "168.63.129.16/32",
            "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    private readonly FrozenSet<string> _hosts = hosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = await Dns.GetHostAddressesAsync(host, cancel);
        if (!_hosts.Contains($"{host}:{port}"))
        {
            if (isLocalOnly && !found.All(IPAddress.IsLoopback))
            {
                throw new ForbiddenAddressException(host, isBarred: false);
            }
            if (found.Any(IsBarred))
            {
                throw new ForbiddenAddressException(host, isBarred: true);
            }
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

    internal static bool IsBarred(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Barred.Any(network => network.Contains(plain));
    }
}

/// <summary>An address to which no call goes.</summary>
/// <param name="isBarred">No provider may be there; else one that is said to be local is elsewhere.</param>
internal sealed class ForbiddenAddressException(string host, bool isBarred) : IOException($"not to {host}")
{
    public string Host => host;

    public bool IsBarred => isBarred;

    public ForbiddenAddressException()
        : this("?", false)
    {
    }

    public ForbiddenAddressException(string message, Exception inner)
        : this($"{message}: {inner.Message}", false)
    {
    }
}
