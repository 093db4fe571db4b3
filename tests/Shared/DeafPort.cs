using System.Net;
using System.Net.Sockets;

namespace Aegis.Tests.Shared;

/// <summary>A port on loopback that refuses connections, and that nobody else gets until it is disposed of:
/// one that was given back may be another test's by now.</summary>
public sealed class DeafPort : IDisposable
{
    private readonly Socket held = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public DeafPort() => held.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Number => ((IPEndPoint)held.LocalEndPoint!).Port;

    public string Entry => $"127.0.0.1:{Number}";

    public Uri Url(string path = "/") => new($"http://{Entry}{path}");

    public void Dispose() => held.Dispose();
}
