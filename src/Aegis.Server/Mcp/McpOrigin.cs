using System.Collections.Immutable;
using System.Net;
using Aegis.Core.Errors;
using Aegis.Server.Configuration;

namespace Aegis.Server.Mcp;

/// <summary>A page of another site must not reach a server on its reader's machine, whatever name that site's
/// own server of names gives it (DNS rebinding): a server that listens on loopback answers to loopback names
/// alone.</summary>
internal static class McpOrigin
{
    /// <summary>What is foreign about a request, or null.</summary>
    public static string? Foreign(HttpRequest request, ServerOptions options)
    {
        if (IPAddress.IsLoopback(options.Bind) && !IsLoopback(request.Host.Host)
            && !options.AllowedOrigins.Any(o => IsOf(o, request.Host)))
        {
            return $"Host {request.Host}";
        }
        return request.Headers.Origin is { Count: > 0 } origins && !(origins is [{ } origin]
            && IsAllowed(origin, request.Host, options.AllowedOrigins))
            ? $"Origin {origins}"
            : null;
    }

    private static bool IsAllowed(string origin, HostString host, ImmutableArray<string> allowed) =>
        allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || IsOf(origin, host);

    private static bool IsOf(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
        && page.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
