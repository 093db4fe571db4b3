using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Aegis.Core.Errors;

namespace Aegis.Engine.Webhooks;

/// <summary>Where webhooks may go: public addresses by https, and what AEGIS_WEBHOOK_PRIVATE_HOSTS
/// names. A name is judged by the addresses it resolves to, at each connection, and the connection goes
/// to an address that was judged: a name that changes its mind in between gains nothing.</summary>
public sealed class WebhookTargets(IEnumerable<string> privateHosts)
{
    public const int UrlCharsMax = 2_048;

    private readonly FrozenSet<string> allowed =
        privateHosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Why this URL can be no target, as far as the text shows; null where it can.</summary>
    public AegisError? Check(string text)
    {
        if (text.Length > UrlCharsMax || !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            return new AegisError("AEGIS5041", "this is no address of a webhook",
                $"https://host/path without user and fragment, at most {UrlCharsMax} characters",
                text.Length <= 100 ? text : text[..100]);
        }
        if (IsAllowed(url.Host, url.Port))
        {
            return null;
        }
        if (url.Scheme != "https")
        {
            return new AegisError("AEGIS5041", "a webhook goes by https", "https", url.Scheme,
                "use https, or have the operator name host:port in AEGIS_WEBHOOK_PRIVATE_HOSTS");
        }
        return IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !PublicAddress.Is(address)
            ? Refused(url.Host)
            : null;
    }

    /// <summary>Opens the connection of an HTTP client.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context,
        CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancel);
        var fit = IsAllowed(host, port) ? addresses : [.. addresses.Where(PublicAddress.Is)];
        if (fit.Length == 0)
        {
            throw new AegisException(Refused(host));
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(fit, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool IsAllowed(string host, int port) => allowed.Contains($"{host}:{port}");

    private static AegisError Refused(string host) => new("AEGIS5042",
        "the webhook's host is not on the public internet", "a public address", host,
        "have the operator name host:port in AEGIS_WEBHOOK_PRIVATE_HOSTS");
}
