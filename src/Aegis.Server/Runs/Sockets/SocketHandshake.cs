using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Server.Runs.Sockets;

/// <summary>What is looked at before a connection becomes a WebSocket, while a refusal still is a problem
/// document.</summary>
internal static class SocketHandshake
{
    public const string Protocol = "aegis.v1";

    /// <summary>A page of another site must not speak with its visitor's rights: browsers ask nobody before
    /// they open a WebSocket, so the server looks at where the page comes from.</summary>
    public static void RequireOrigin(HttpRequest request, ImmutableArray<string> allowed)
    {
        var origins = request.Headers.Origin;
        if (origins.Count > 0
            && !(origins is [{ } origin] && (allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)
                || IsOwn(origin, request.Host.Value))))
        {
            throw new AegisException(SocketErrors.Origin(origins.ToString()));
        }
    }

    /// <summary>The subprotocol to answer with: ours where it is offered, none where none is.</summary>
    public static string? Choose(IList<string> offered) =>
        offered.Contains(Protocol) ? Protocol
        : offered.Count == 0 ? null
        : throw new AegisException(SocketErrors.Protocol);

    // behind a proxy that ends TLS the scheme differs, never host and port
    private static bool IsOwn(string origin, string? host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
        && Uri.TryCreate($"{page.Scheme}://{host}", UriKind.Absolute, out var own)
        && page.Authority == own.Authority;
}
