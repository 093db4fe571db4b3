using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Aegis.Tests.Shared;

/// <summary>A TLS server on loopback with a certificate of its own authority; answers each request's head
/// with itself.</summary>
public sealed class TlsServer : IAsyncDisposable
{
    private readonly LoopbackPort port = new();
    private readonly X509Certificate2 certificate;
    private readonly Task serving;
    private int connections;

    public TlsServer(string name)
    {
        (Authority, certificate) = TestCertificates.For(name);
        serving = ServeAsync();
    }

    public X509Certificate2 Authority { get; }

    public int Port => port.Number;

    public int Connections => connections;

    /// <summary>What it was asked.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>Up to the end of a head.</summary>
    public static async Task<string> HeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await stream.ReadAsync(one) > 0)
        {
            head.Append((char)one[0]);
        }
        return head.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        port.Dispose();
        await serving;
        certificate.Dispose();
        Authority.Dispose();
    }

    private async Task ServeAsync()
    {
        while (await port.NextAsync() is { } client)
        {
            using (client)
            {
                await OneAsync(client);
            }
        }
    }

    private async Task OneAsync(TcpClient client)
    {
        try
        {
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(certificate);
            Interlocked.Increment(ref connections);
            var head = await HeadAsync(tls);
            Heads.Enqueue(head);
            await tls.WriteAsync(Encoding.Latin1.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Length: {head.Length}\r\n\r\n{head}"));
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // the client left
        }
    }
}
