using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Cli.Terminals;

/// <summary>
/// The port that <c>ws start</c> opens: carries connections to the server's <c>/v1/rpc</c>, whatever path a
/// client asks for. The token of the offer, as a person types it, becomes the credential that the server
/// knows; everything else passes as it is, so a paired device shows its own key here too. It sees what is not
/// sealed.
/// </summary>
internal sealed class PairingRelay(Uri server, string token, string credential) : IDisposable
{
    /// <summary>Connections at once.</summary>
    public const int ConnectionsMax = 64;

    private const int HeadBytesMax = 16 * 1024;
    private const string Path = "/v1/rpc";
    private TcpListener? listener;

    public int Port => ((IPEndPoint)listener!.LocalEndpoint).Port;

    public void Listen(IPAddress address, int port)
    {
        listener = new TcpListener(address, port);
        listener.Start(ConnectionsMax);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        using var places = new SemaphoreSlim(ConnectionsMax);
        while (true)
        {
            await places.WaitAsync(cancel);
            var client = await listener!.AcceptTcpClientAsync(cancel);
            _ = Task.Run(async () =>
            {
                try
                {
                    using (client)
                    {
                        await CarryAsync(client, cancel);
                    }
                }
                catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
                {
                    // one of the two ends is gone
                }
                finally
                {
                    places.Release();
                }
            }, CancellationToken.None);
        }
    }

    public void Dispose() => listener?.Dispose();

    private async Task CarryAsync(TcpClient client, CancellationToken cancel)
    {
        client.NoDelay = true;
        var down = client.GetStream();
        if (await ReadHeadAsync(down, cancel) is not var (head, behind))
        {
            return;
        }
        using var upstream = new TcpClient { NoDelay = true };
        await upstream.ConnectAsync(server.Host, server.Port, cancel);
        await using var up = await OpenAsync(upstream, cancel);
        await up.WriteAsync(Encoding.Latin1.GetBytes(Rewritten(head)), cancel);
        await up.WriteAsync(behind, cancel);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(down.CopyToAsync(up, over.Token), up.CopyToAsync(down, over.Token));
        await over.CancelAsync();
    }

    private async Task<Stream> OpenAsync(TcpClient upstream, CancellationToken cancel)
    {
        if (server.Scheme != Uri.UriSchemeHttps)
        {
            return upstream.GetStream();
        }
        var tls = new System.Net.Security.SslStream(upstream.GetStream());
        await tls.AuthenticateAsClientAsync(
            new System.Net.Security.SslClientAuthenticationOptions { TargetHost = server.Host }, cancel);
        return tls;
    }

    private static async Task<(string Head, byte[] Behind)?> ReadHeadAsync(
        Stream from, CancellationToken cancel)
    {
        var (buffer, filled) = (new byte[HeadBytesMax], 0);
        while (filled < buffer.Length)
        {
            var read = await from.ReadAsync(buffer.AsMemory(filled), cancel);
            if (read == 0)
            {
                return null;
            }
            filled += read;
            var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (Encoding.Latin1.GetString(buffer, 0, end), buffer[(end + 4)..filled]);
            }
        }
        return null;
    }

    internal string Rewritten(string head)
    {
        var lines = head.Split("\r\n");
        var first = lines[0].Split(' ');
        var query = first.Length > 1 ? QueryToken(first[1]) : null;
        var written = new StringBuilder($"{first[0]} {Path} HTTP/1.1\r\n");
        var said = false;
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..Math.Max(colon, 0)], line[(colon + 1)..].Trim());
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                written.Append($"Host: {server.Authority}\r\n");
            }
            else if (name.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            {
                said = true;
                written.Append($"Authorization: {Known(value)}\r\n");
            }
            else if (!name.Equals("Origin", StringComparison.OrdinalIgnoreCase) || !IsOwnPage(value, lines))
            {
                written.Append(line).Append("\r\n");
            }
        }
        if (!said && query is not null && Same(query, token))
        {
            written.Append($"Authorization: Bearer {credential}\r\n");
        }
        return written.Append("\r\n").ToString();
    }

    private string Known(string authorization) =>
        authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && Same(authorization["Bearer ".Length..].Trim(), token) ? $"Bearer {credential}" : authorization;

    private static string? QueryToken(string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? null : target[(question + 1)..].Split('&')
            .Where(p => p.StartsWith("token=", StringComparison.Ordinal))
            .Select(p => Uri.UnescapeDataString(p["token=".Length..])).FirstOrDefault();
    }

    /// <summary>A page that was opened from this very port is as good as the server's own.</summary>
    private static bool IsOwnPage(string origin, string[] lines) => lines.Any(l =>
        l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == l[5..].Trim());

    private static bool Same(string a, string b) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
}
