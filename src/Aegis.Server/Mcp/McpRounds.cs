using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Gate.Peers;
using Aegis.Server.Auth;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>
/// Questions on the stateless wire. Nothing waits here between two requests: a call that asks something ends
/// with what it asks, and the client calls again with the replies. What was replied before travels with the
/// client, sealed: it is bound to caller, tool and arguments, so that nobody can put words into another call,
/// and it grows old. 1. open the state; 2. take what this request replies; 3. the tool begins anew and
/// finds replies, until it asks what nobody has answered yet.
/// </summary>
internal sealed class McpRounds
{
    /// <summary>How long a call may wait for its client between two rounds.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(30);

    private readonly SignedText seal;
    private readonly string binding;
    private readonly TimeProvider time;
    private readonly McpServer server;
    private readonly JsonObject known;

    private McpRounds(
        SignedText seal, McpServer server, string binding, TimeProvider time, JsonObject known) =>
        (this.seal, this.server, this.binding, this.time, this.known) =
            (seal, server, binding, time, known);

    /// <exception cref="McpProtocolException">AEGIS6211 for a state that is not ours, not this call's, or
    /// old.</exception>
    public static McpRounds Of(
        SignedText seal, RequestParams request, McpServer server, string call, TimeProvider time)
    {
        var binding = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(call)));
        var known = request.RequestState is { } state ? Opened(seal, state, binding, time) : [];
        foreach (var (name, response) in request.InputResponses ?? new Dictionary<string, InputResponse>())
        {
            if (!known.ContainsKey(name) && known.Count < PeerRequest.RequestsMax)
            {
                known[name] = JsonNode.Parse(response.RawValue.GetRawText());
            }
        }
        return new McpRounds(seal, server, binding, time, known);
    }

    /// <summary>The replies to all of them, or the exception by which the SDK asks the client.</summary>
    public IReadOnlyDictionary<string, PeerReply> Replies(IReadOnlyList<PeerRequest> requests)
    {
        var open = requests.Where(r => !known.ContainsKey(r.Name)).ToList();
        if (open.Count > 0)
        {
            RequireAble(open);
            throw new InputRequiredException(new InputRequiredResult
            {
                InputRequests = open.ToDictionary(r => r.Name, McpReplies.Input),
                RequestState = Sealed(),
            });
        }
        try
        {
            return requests.ToDictionary(
                r => r.Name, r => McpReplies.Of(r, JsonSerializer.SerializeToElement(known[r.Name])));
        }
        catch (JsonException)
        {
            throw McpErrors.Protocol(McpErrors.BadReply);
        }
    }

    private string Sealed() => seal.Seal(new JsonObject
    {
        ["call"] = binding,
        ["until"] = (time.GetUtcNow() + AgeMax).ToUnixTimeSeconds(),
        ["replies"] = known.DeepClone(),
    }.ToJsonString());

    private static JsonObject Opened(SignedText seal, string state, string binding, TimeProvider time)
    {
        var inside = seal.Open(state) is { } text ? JsonNode.Parse(text) as JsonObject : null;
        return inside is not null && McpWire.Text(inside["call"]) == binding
            && inside["until"]!.GetValue<long>() > time.GetUtcNow().ToUnixTimeSeconds()
            ? (JsonObject)inside["replies"]!.DeepClone()
            : throw McpErrors.Protocol(McpErrors.BadState);
    }

    private void RequireAble(List<PeerRequest> open)
    {
        var can = McpReplies.Abilities(server.ClientCapabilities);
        foreach (var (ability, needed) in open.Select(McpReplies.Need))
        {
            if (!can.HasFlag(ability))
            {
                throw new MissingRequiredClientCapabilityException(needed);
            }
        }
    }
}
