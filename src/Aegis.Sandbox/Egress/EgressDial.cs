using System.Net;
using System.Net.Sockets;
using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Sandbox.Egress;

/// <summary>Resolves a name once, judges each address, and connects to one that was judged: a name server
/// that answers differently the second time is never asked a second time.</summary>
/// <param name="connect">Null for TCP of the system.</param>
public sealed class EgressDial(Func<string, CancellationToken, Task<IPAddress[]>> resolve,
    Func<IPEndPoint, CancellationToken, ValueTask<Stream>>? connect = null)
{
    /// <summary>Addresses of one name.</summary>
    public const int TriedMax = 4;

    public static EgressDial BySystem { get; } = new(Dns.GetHostAddressesAsync);

    public ValueTask<Stream> ConnectAsync(EgressRule rule, string host, int port, CancellationToken cancel) =>
        ConnectAsync(address => rule.Permits(address, port), host, port, NotPublic(host, port), cancel);

    /// <param name="refusal">Where the name stands for addresses, and none is permitted.</param>
    public async ValueTask<Stream> ConnectAsync(Func<IPAddress, bool> permits, string host, int port,
        AegisException refusal, CancellationToken cancel)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancel);
        var permitted = addresses.Where(permits).Take(TriedMax).ToArray();
        if (permitted.Length == 0 && addresses.Length > 0)
        {
            throw refusal;
        }
        SocketException? failed = null;
        foreach (var address in permitted)
        {
            try
            {
                return await (connect ?? ConnectAsync)(new IPEndPoint(address, port), cancel);
            }
            catch (SocketException refused)
            {
                failed = refused;
            }
        }
        throw failed ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static async ValueTask<Stream> ConnectAsync(IPEndPoint place, CancellationToken cancel)
    {
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(place, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // the address itself is not shown: it would tell a caller what the host's network looks like
    private static AegisException NotPublic(string host, int port) => new(new AegisError("AEGIS2162",
        $"{host} stands for an address that is not public", "an address of the open internet",
        "loopback, private, link-local or another special address",
        $"only an entry of egress_allow that is the address itself, with its port (such as 10.0.0.5:{port}), "
        + "allows that"));
}
