using System.Security.Cryptography;
using Aegis.Server.Auth;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>Makes the peer of a call. What it seals dies with the server: the client then begins the call
/// anew.</summary>
internal sealed class McpPeers(TimeProvider time)
{
    private readonly SignedText seal = new(RandomNumberGenerator.GetBytes(32));

    /// <param name="call">What is called, with its arguments: a sealed state holds for it alone.</param>
    /// <param name="cancel">The request's.</param>
    public McpPeer Of(
        MessageContext context, RequestParams request, string call, CancellationToken cancel)
    {
        var progress = request.ProgressToken is { } token
            ? new McpProgress(context.Server, token, time, cancel) : null;
        if (!McpWire.IsStateless(context.JsonRpcMessage.Context?.ProtocolVersion))
        {
            return new McpPeer(context, null, progress);
        }
        var by = McpCaller.Of(context).Principal;
        var rounds = McpRounds.Of(
            seal, request, context.Server, $"{by.Tenancy}/{by.Actor}/{call}", time);
        return new McpPeer(context, rounds, progress);
    }
}
