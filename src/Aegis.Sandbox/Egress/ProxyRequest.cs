using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using Aegis.Core.Policy;

namespace Aegis.Sandbox.Egress;

/// <summary>A request to the proxy: a tunnel (CONNECT), plain HTTP in absolute form, or what comes inside a
/// tunnel that was opened, in origin form.</summary>
/// <param name="Host">In lower case.</param>
/// <param name="Target">What the server is asked for: the path with its query.</param>
internal sealed partial record ProxyRequest(
    string Method, string Host, int Port, string Target, HttpHead Head, BodyFraming Body,
    bool IsOpened = false)
{
    public const int MethodCharsMax = 16;
    public const int TargetCharsMax = EgressTarget.UrlLengthMax;
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    // TRACE sends a request's headers back, with the secrets that were put into them
    private static readonly FrozenSet<string> NotCarried = FrozenSet.Create("TRACE", "TRACK");

    public bool IsTunnel => Method == "CONNECT";

    public string Path => Target.Split('?')[0];

    /// <param name="tunnel">The tunnel that it came through, opened; null for the proxy's own port.</param>
    public static ProxyRequest Read(HttpHead head, EgressTarget? tunnel = null)
    {
        var words = head.Start.Split(' ');
        if (words.Length != 3 || !HttpHead.IsToken(words[0]) || words[0].Length > MethodCharsMax
            || words[0].Any(char.IsAsciiLetterLower) || NotCarried.Contains(words[0]))
        {
            throw EgressErrors.Malformed("its first line", "a method, an address and HTTP/1.1");
        }
        if (words[1].Length > TargetCharsMax)
        {
            throw EgressErrors.HeadTooLarge("the address", $"at most {TargetCharsMax} characters");
        }
        return tunnel is not null ? Inside(head, words, tunnel)
            : words[0] == "CONNECT" ? Tunnel(head, words[1], words[2]) : Plain(head, words);
    }

    private static ProxyRequest Inside(HttpHead head, string[] words, EgressTarget tunnel)
    {
        if (words[0] == "CONNECT" || words[2] != "HTTP/1.1" || !words[1].StartsWith('/')
            || !IsTarget(words[1]))
        {
            throw EgressErrors.Malformed("its address or version", "/path and HTTP/1.1");
        }
        RequireSameHost(head, tunnel.Host, tunnel.Port, HttpsPort, mayMiss: false);
        return new ProxyRequest(words[0], tunnel.Host, tunnel.Port, words[1], head,
            BodyFraming.OfRequest(head), IsOpened: true);
    }

    private static ProxyRequest Tunnel(HttpHead head, string authority, string version)
    {
        // some clients still open tunnels with HTTP/1.0 (Python before 3.12), and without Host
        if (version is not ("HTTP/1.1" or "HTTP/1.0")
            || ReadAuthority(authority) is not var (host, port) || port is null)
        {
            throw EgressErrors.Malformed("the tunnel's address", "CONNECT host:port HTTP/1.1");
        }
        RequireSameHost(head, host, port.Value, port.Value, mayMiss: true);
        var body = BodyFraming.OfRequest(head);
        if (body is not ({ Kind: BodyKind.None } or { Kind: BodyKind.Length, Length: 0 }))
        {
            throw EgressErrors.Ambiguous("a tunnel with a body", "no length on CONNECT");
        }
        return new ProxyRequest("CONNECT", host, port.Value, "", head, body);
    }

    private static ProxyRequest Plain(HttpHead head, string[] words)
    {
        const string scheme = "http://";
        var address = words[1];
        if (words[2] != "HTTP/1.1" || !address.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            || !IsTarget(address))
        {
            throw EgressErrors.Malformed("its address or version", "http://host/path and HTTP/1.1");
        }
        var slash = address.IndexOfAny(['/', '?'], scheme.Length);
        var (authority, target) = slash < 0 ? (address[scheme.Length..], "/")
            : (address[scheme.Length..slash], address[slash..]);
        if (ReadAuthority(authority) is not var (host, named) || !target.StartsWith('/'))
        {
            throw EgressErrors.Malformed("the host of its address", "http://host:port/path, without a user");
        }
        var port = named ?? HttpPort;
        RequireSameHost(head, host, port, HttpPort, mayMiss: false);
        return new ProxyRequest(words[0], host, port, target, head, BodyFraming.OfRequest(head));
    }

    private static bool IsTarget(string text) => text.All(c => c is > ' ' and < '\x7f' and not '#');

    private static void RequireSameHost(HttpHead head, string host, int port, int defaultPort, bool mayMiss)
    {
        var named = head.Values("Host").ToArray();
        if (named.Length == 0 && mayMiss)
        {
            return;
        }
        if (named.Length != 1)
        {
            throw EgressErrors.Malformed("the header Host", "exactly one");
        }
        if (ReadAuthority(named[0]) is not var (other, otherPort) || other != host
            || (otherPort ?? defaultPort) != port)
        {
            throw EgressErrors.HostsDiffer($"{host}:{port}", named[0]);
        }
    }

    private static (string Host, int? Port)? ReadAuthority(string text)
    {
        var match = AuthorityForm().Match(text);
        var host = match.Groups["host"].Value.ToLowerInvariant();
        int? port = match.Groups["port"] is { Success: true } digits
            ? int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture) : null;
        return match.Success && host.Length <= EgressRule.HostLengthMax
            && port is null or (>= 1 and <= System.Net.IPEndPoint.MaxPort) ? (host, port) : null;
    }

    [GeneratedRegex(@"^(?<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]{2,45}\])(:(?<port>[0-9]{1,5}))?\z")]
    private static partial Regex AuthorityForm();
}
