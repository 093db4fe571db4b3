using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>Files over HTTP on loopback, with TLS where it has a name to prove.</summary>
internal sealed class StaticServer : IAsyncDisposable
{
    private readonly LoopbackPort port = new();
    private readonly X509Certificate2? certificate;
    private readonly ConcurrentBag<Task> serving = [];
    private readonly Task accepting;

    public StaticServer(string? tlsName = null)
    {
        if (tlsName is not null)
        {
            (Authority, certificate) = TestCertificates.For(tlsName);
        }
        accepting = AcceptAsync();
    }

    public X509Certificate2? Authority { get; }

    public int Port => port.Number;

    /// <summary>By path, without the query.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Answers in place of the files: by method with address, and body.</summary>
    public Func<string, byte[], Task<(string Type, byte[] Body)>>? Act { get; set; }

    public ConcurrentQueue<string> Asked { get; } = new();

    public async ValueTask DisposeAsync()
    {
        port.Dispose();
        await accepting;
        await Task.WhenAll(serving);
        certificate?.Dispose();
        Authority?.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await port.NextAsync() is { } client)
        {
            serving.Add(ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(certificate);
                    stream = tls;
                }
                await using (stream)
                {
                    await AnswerAsync(stream);
                }
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                // the client left
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        var head = await TlsServer.HeadAsync(stream);
        var words = head.Split(' ');
        if (words.Length < 2)
        {
            return;
        }
        Asked.Enqueue($"{words[0]} {words[1]}");
        var (status, type, body) = await FindAsync(words, await BodyAsync(stream, head));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n"
            + "Connection: close\r\n\r\n"));
        if (words[0] != "HEAD")
        {
            await stream.WriteAsync(body);
        }
    }

    private async Task<(string Status, string Type, byte[] Body)> FindAsync(string[] words, byte[] sent)
    {
        if (Act is not null)
        {
            var (type, body) = await Act($"{words[0]} {words[1]}", sent);
            return ("200 OK", type, body);
        }
        var path = words[1].Split('?')[0];
        return Files.TryGetValue(path, out var file)
            ? ("200 OK", path.EndsWith('/') ? "text/html" : path.Contains('.', StringComparison.Ordinal)
                ? "application/octet-stream" : "application/json", file)
            : ("404 Not Found", "application/json", []);
    }

    private static async Task<byte[]> BodyAsync(Stream stream, string head)
    {
        var length = head.Split("\r\n").FirstOrDefault(line =>
            line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        var body = new byte[length is null ? 0
            : int.Parse(length["Content-Length: ".Length..], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        return body;
    }
}
