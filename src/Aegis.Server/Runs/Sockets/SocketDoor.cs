using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs.Sockets;

/// <summary>A run as a WebSocket: its events as they come, its logs where they are asked for, and commands
/// the other way. 1. everything that can be refused is refused while the answer is a problem document; 2. the
/// connection becomes a WebSocket; 3. it takes a place among the open streams, or is told to come again.
/// </summary>
internal static class SocketDoor
{
    public static async Task OpenAsync(HttpContext http, DoorParts parts)
    {
        SocketHandshake.RequireOrigin(http.Request, parts.Options.AllowedOrigins);
        var protocol = SocketHandshake.Choose(http.WebSockets.WebSocketRequestedProtocols);
        var (runId, after) = (Query.Route(http, "run"), (int)Query.Number(http, "after", 0, 0, int.MaxValue));
        var logs = Query.Flag(http, "logs");
        var follower = new EventFollower(http, parts, runId);
        var first = await follower.PageAsync(after, DoorLimits.StreamPage, http.RequestAborted);
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = protocol,
            KeepAliveInterval = DoorLimits.Heartbeat,
            KeepAliveTimeout = DoorLimits.StreamWriteMax,
        });
        using var session = new RunSocket(http, parts, socket, follower);
        IDisposable place;
        try
        {
            place = parts.OpenStreams.Take(http.ProjectKeys());
        }
        catch (AegisException)
        {
            await session.RefuseAsync(SocketEnd.TooMany);
            return;
        }
        using (place)
        {
            await session.RunAsync(first, after, logs);
        }
    }
}
