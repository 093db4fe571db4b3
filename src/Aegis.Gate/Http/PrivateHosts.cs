using System.Collections.Frozen;
using System.Net;
using Aegis.Core.Policy;

namespace Aegis.Gate.Http;

/// <summary>Servers that the operator lets be private or without TLS; every other one must be public, and
/// reached by https.</summary>
/// <param name="hosts"><c>host:port</c>.</param>
public sealed class PrivateHosts(IEnumerable<string> hosts)
{
    private readonly FrozenSet<string> hosts = hosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Plain HTTP shows a token to whoever listens.</summary>
    public bool AllowScheme(Uri url) => url.Scheme == Uri.UriSchemeHttps || Name(url);

    public bool Permit(Uri url, IPAddress address) => Name(url) || PublicAddress.Is(address);

    private bool Name(Uri url) => hosts.Contains($"{url.IdnHost}:{url.Port}");
}
