using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Aegis.Core.Runs;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

public sealed class TunnelTests
{
    private const string Name = "tls.example";

    [Fact]
    public async Task Tunnel_WhoseServerNameIsItsHost_IsCarriedUnread()
    {
        await using var server = new TlsServer(Name);
        await using var rig = Rig(server);
        await using var stream = await OpenAsync(rig, $"{Name}:{server.Port}");
        await using var tls = await HandshakeAsync(stream, Name);
        await tls.WriteAsync("GET /inside HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200 OK", await TlsServer.HeadAsync(tls), StringComparison.Ordinal);
        await tls.DisposeAsync();
        await rig.Proxy.DisposeAsync();
        var fact = Assert.Single(rig.Proxy.Facts);
        Assert.Equal(new EgressFact(Name, server.Port, "CONNECT", $"{Name}:{server.Port}", null, 1,
            fact.BytesOut, fact.BytesIn), fact);
        Assert.True(fact is { BytesOut: > 200, BytesIn: > 500 });
    }

    [Theory]
    [InlineData("other.example", "AEGIS3105")]
    [InlineData("", "AEGIS3104")]
    public async Task Tunnel_WhoseServerNameIsAnother_EndsBeforeAByteLeaves(string name, string code)
    {
        await using var server = new TlsServer(Name);
        await using var rig = Rig(server);
        await using var stream = await OpenAsync(rig, $"{Name}:{server.Port}");
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(stream, name));
        await rig.Proxy.DisposeAsync();
        Assert.Equal((code, 0L, 0), (Assert.Single(rig.Proxy.Facts).Denied,
            rig.Proxy.Facts[0].BytesOut, server.Connections));
        // the control: the server itself takes any name
        using var direct = new TcpClient();
        await direct.ConnectAsync(IPAddress.Loopback, server.Port);
        await using var tls = await HandshakeAsync(direct.GetStream(), name);
        Assert.True(tls.IsAuthenticated);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: tls.example\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9\r\n")]
    public async Task Tunnel_WithoutTls_EndsWithAnAlert(string first)
    {
        await using var server = new RawServer("\n");
        await using var rig = new ProxyRig([$"{Name}:{server.Port}"], names: _ => [IPAddress.Loopback]);
        await using var stream = await OpenAsync(rig, $"{Name}:{server.Port}");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(first));
        Assert.Equal(Encoding.Latin1.GetString(ProxyAnswer.TlsAlert.Span), await ProxyRig.RestAsync(stream));
        Assert.Equal("", await server.Arrived);
        await rig.Proxy.DisposeAsync();
        Assert.Equal("AEGIS3104", Assert.Single(rig.Proxy.Facts).Denied);
    }

    [Fact]
    public async Task Tunnel_ToAHostThatNoEntryCovers_IsDenied()
    {
        await using var server = new TlsServer(Name);
        await using var rig = new ProxyRig([$"*.{Name}:{server.Port}", $"GET {Name}:{server.Port}"],
            [$"{Name}:{server.Port}"], names: _ => [IPAddress.Loopback]);
        // *.host is not the host, and an entry with a method covers no tunnel: it cannot be seen in there
        var answer = await rig.AskAsync($"CONNECT {Name}:{server.Port} HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 AEGIS2161 ", answer, StringComparison.Ordinal);
        // the control: the host itself, by an entry that names it
        await using var open = Rig(server);
        await using var stream = await OpenAsync(open, $"{Name}:{server.Port}");
        await using var tls = await HandshakeAsync(stream, Name);
        Assert.True(tls.IsAuthenticated);
    }

    [Theory]
    [InlineData(Name, true)]
    [InlineData("other.example", false)]
    public async Task Tunnel_WhoseHelloComesInSmallRecordsAndPieces_IsJudgedAlike(string name, bool through)
    {
        await using var server = new TlsServer(Name);
        await using var rig = Rig(server);
        await using var stream = await OpenAsync(rig, $"{Name}:{server.Port}");
        var handshake = HandshakeAsync(new SmallRecords(stream), name);
        if (through)
        {
            await using var tls = await handshake;
            await tls.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.StartsWith("HTTP/1.1 200 OK", await TlsServer.HeadAsync(tls), StringComparison.Ordinal);
        }
        else
        {
            await Assert.ThrowsAnyAsync<Exception>(() => handshake);
            await rig.Proxy.DisposeAsync();
            Assert.Equal("AEGIS3105", Assert.Single(rig.Proxy.Facts).Denied);
            Assert.Equal(0, server.Connections);
        }
    }

    [Fact]
    public async Task Hello_InPiecesOfOneByteAndOfSmallRecords_IsRead()
    {
        var hello = await HelloAsync(Name);
        Assert.Equal(new HelloReading(HelloState.Read, Name, null), ClientHello.Read(hello));
        for (var count = 1; count < hello.Length; count++)
        {
            Assert.Equal(HelloState.More, ClientHello.Read(hello.AsSpan(0, count)).State);
        }
        var message = hello.AsSpan(5).ToArray();
        var inRecords = message.Chunk(7).SelectMany(piece => (byte[])
            [22, 3, 1, 0, (byte)piece.Length, .. piece]).ToArray();
        Assert.Equal(new HelloReading(HelloState.Read, Name, null), ClientHello.Read(inRecords));
    }

    [Fact]
    public async Task Hello_ThatIsAltered_IsNeverReadAsAnotherName()
    {
        var hello = await HelloAsync(Name);
        for (var at = 0; at < hello.Length; at++)
        {
            foreach (var change in new[] { 1, 2, 0x80 })
            {
                var altered = hello.ToArray();
                altered[at] ^= (byte)change;
                var reading = ClientHello.Read(altered);
                // a name of another length, or none, is what a length that lies would give
                Assert.True(reading.Name is null || reading.Name.Length == Name.Length);
            }
        }
    }

    [Fact]
    public void Hello_AtTheLimitAndPast()
    {
        Assert.Equal(HelloState.Read, ClientHello.Read(Padded(ClientHello.BytesMax)).State);
        Assert.Equal(HelloState.Bad, ClientHello.Read(Padded(ClientHello.BytesMax + 1)).State);
    }

    // a hello with one unknown extension that fills it up to a length, in records of 8 KiB
    private static byte[] Padded(int messageBytes)
    {
        var fixedBytes = 4 + 2 + 32 + 1 + 2 + 2 + 1 + 1 + 2 + 4;
        var (padding, body) = (messageBytes - fixedBytes, messageBytes - 4);
        byte[] message =
        [
            1, (byte)(body >> 16), (byte)(body >> 8), (byte)body, 3, 3, .. new byte[32], 0, 0, 2, 0x13, 1,
            1, 0, (byte)((padding + 4) >> 8), (byte)(padding + 4), 0xff, 0xfe, (byte)(padding >> 8),
            (byte)padding, .. new byte[padding],
        ];
        return [.. message.Chunk(8192).SelectMany(piece => (byte[])
            [22, 3, 1, (byte)(piece.Length >> 8), (byte)piece.Length, .. piece])];
    }

    private static ProxyRig Rig(TlsServer server) =>
        new([$"{Name}:{server.Port}"], names: _ => [IPAddress.Loopback]);

    internal static async Task<NetworkStream> OpenAsync(ProxyRig rig, string authority)
    {
        var stream = await rig.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200 ", await TlsServer.HeadAsync(stream), StringComparison.Ordinal);
        return stream;
    }

    private static async Task<SslStream> HandshakeAsync(Stream stream, string name)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            // any: names are what these tests are about
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return tls;
    }

    /// <summary>What a client really sends first.</summary>
    private static async Task<byte[]> HelloAsync(string name)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptTcpClientAsync();
        var handshake = HandshakeAsync(client.GetStream(), name);
        var head = new byte[5];
        await server.GetStream().ReadExactlyAsync(head);
        var rest = new byte[(head[3] << 8) | head[4]];
        await server.GetStream().ReadExactlyAsync(rest);
        server.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => handshake);
        return [.. head, .. rest];
    }
}
