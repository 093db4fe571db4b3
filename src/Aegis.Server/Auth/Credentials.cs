using System.Text;

namespace Aegis.Server.Auth;

/// <summary>Takes the token out of an Authorization header: <c>Bearer TOKEN</c>, or <c>Basic</c> with the
/// token as password (any user name), which is how git sends one; where there is none, out of
/// <c>x-api-key</c>. A browser can set no header on a WebSocket:
/// there it may stand as the subprotocol <c>bearer.TOKEN</c>.</summary>
internal static class Credentials
{
    private const string BearerPrefix = "Bearer ";
    private const string BasicPrefix = "Basic ";

    private const string KeyHeader = "x-api-key";
    private const string ProtocolPrefix = "bearer.";
    private const string HeldItem = "aegis.token";

    /// <summary>What a connection said later, inside.</summary>
    public static void Hold(HttpContext http, string token) => http.Items[HeldItem] = token;

    public static string? Read(HttpContext http)
    {
        if (http.Items[HeldItem] is string held)
        {
            return held;
        }
        var authorization = http.Request.Headers.Authorization;
        if (authorization.Count == 0 && http.WebSockets.IsWebSocketRequest)
        {
            return OfProtocol(http.WebSockets.WebSocketRequestedProtocols);
        }
        // Anthropic's clients send a key so
        if (authorization.Count == 0 && http.Request.Headers[KeyHeader] is [{ } key])
        {
            return key.Trim();
        }
        // two headers of that name are an attempt to confuse: neither counts
        if (authorization is not [{ } header])
        {
            return null;
        }
        if (header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return header[BearerPrefix.Length..].Trim();
        }
        return header.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase)
            ? Password(header[BasicPrefix.Length..].Trim())
            : null;
    }

    private static string? OfProtocol(IList<string> protocols) =>
        protocols.Where(p => p.StartsWith(ProtocolPrefix, StringComparison.Ordinal)).ToArray() is [var one]
            ? one[ProtocolPrefix.Length..]
            : null;

    private static string? Password(string base64)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var count))
        {
            return null;
        }
        var pair = Encoding.UTF8.GetString(bytes, 0, count);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
