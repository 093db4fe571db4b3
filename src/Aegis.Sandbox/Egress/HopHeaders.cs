using System.Collections.Frozen;

namespace Aegis.Sandbox.Egress;

/// <summary>Headers that belong to one connection and never go on to the next (RFC 9110 §7.6.1), and those
/// that the proxy writes itself.</summary>
internal static class HopHeaders
{
    private static readonly FrozenSet<string> OfOneConnection = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Connection", "Keep-Alive", "Proxy-Authenticate",
        "Proxy-Authorization", "Proxy-Authentication-Info", "Proxy-Connection", "TE", "Trailer", "Upgrade",
        "HTTP2-Settings", "Transfer-Encoding");

    private static readonly FrozenSet<string> NotToBeNamed = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Host", "Content-Length", "Transfer-Encoding", "Authorization",
        "Cookie");

    /// <summary>The headers that go on.</summary>
    public static IEnumerable<HeadField> GoingOn(HttpHead head,
        Func<string, string, EgressRefusedException> malformed)
    {
        var named = head.Members("Connection");
        if (named.FirstOrDefault(NotToBeNamed.Contains) is { } taken)
        {
            throw malformed($"Connection names {taken}", "headers of the connection alone");
        }
        return head.Fields.Where(field => !OfOneConnection.Contains(field.Name)
            && !named.Contains(field.Name, StringComparer.OrdinalIgnoreCase));
    }
}
