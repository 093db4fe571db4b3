using System.Net.WebSockets;
using Aegis.Core.Errors;

namespace Aegis.Server.Runs.Sockets;

/// <summary>How a WebSocket is refused or ended.</summary>
internal static class SocketErrors
{
    public static AegisError Protocol { get; } = new("AEGIS6081",
        "none of the subprotocols is spoken here", SocketHandshake.Protocol,
        Mend: $"offer {SocketHandshake.Protocol}, or no subprotocol at all");

    public static AegisError Origin(string origin) => new("AEGIS6080",
        "a page of another site may not open WebSockets here", "the server's own origin", origin,
        "serve the page from here, or have the operator name its origin in AEGIS_ALLOWED_ORIGINS");

    public static AegisError Malformed(string what, string? expected = null, string? got = null) =>
        new("AEGIS6082", what, expected, got, "see docs/api.md, WebSockets");
}

/// <summary>Why a WebSocket is closed, as the client reads it.</summary>
internal sealed record SocketEnd(WebSocketCloseStatus Code, string Reason)
{
    public static SocketEnd RunEnded { get; } = new(WebSocketCloseStatus.NormalClosure, "the run has ended");

    public static SocketEnd ClientLeft { get; } = new(WebSocketCloseStatus.NormalClosure, "");

    public static SocketEnd ServerStops { get; } =
        new(WebSocketCloseStatus.EndpointUnavailable, "the server stops; come back with your last version");

    public static SocketEnd KeyGone { get; } =
        new(WebSocketCloseStatus.PolicyViolation, "AEGIS6010: the key is valid no more");

    public static SocketEnd TextOnly { get; } =
        new(WebSocketCloseStatus.InvalidMessageType, "AEGIS6082: messages are JSON text");

    public static SocketEnd TooBig { get; } = new(WebSocketCloseStatus.MessageTooBig,
        $"AEGIS6082: a message has at most {DoorLimits.SocketMessageBytesMax} bytes");

    // RFC 6455 leaves 1013 to the registry of IANA; .NET has no name for it
    public static SocketEnd TooMany { get; } =
        new((WebSocketCloseStatus)1013, "AEGIS6034: too many open streams; try again later");

    public static SocketEnd Failed { get; } =
        new(WebSocketCloseStatus.InternalServerError, "AEGIS6000: the server failed unexpectedly");
}
