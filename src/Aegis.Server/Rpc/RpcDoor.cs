using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs.Sockets;

namespace Aegis.Server.Rpc;

/// <summary>One WebSocket for everything that a terminal client does: pairing, commands, git, pull requests,
/// models, terminals. docs/API-RPC.md describes its messages.</summary>
public static class RpcDoor
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapGet("/v1/rpc", http => OpenAsync(http, parts)).RequireScope(Scopes.Any)
            .WithMetadata(new PairingDoor())
            .IsDescribedElsewhere("docs/API-RPC.md");

    private static async Task OpenAsync(HttpContext http, DoorParts parts)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            throw new AegisException(RpcErrors.Malformed("this door is a WebSocket", "Upgrade: websocket"));
        }
        SocketHandshake.RequireOrigin(http.Request, parts.Options.AllowedOrigins);
        var offered = http.WebSockets.WebSocketRequestedProtocols;
        var isSealed = offered.Contains(PairingDoor.SealedProtocol);
        var protocol = isSealed ? PairingDoor.SealedProtocol : SocketHandshake.Choose(offered);
        using var nameless = http.Caller().Keys is null ? parts.NamelessSockets.Take(default) : null;
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = protocol,
            KeepAliveInterval = DoorLimits.Heartbeat,
            KeepAliveTimeout = DoorLimits.StreamWriteMax,
        });
        await using var session = new RpcSession(http, parts, socket, nameless);
        await session.RunAsync(isSealed);
    }
}
