using System.Text.Json;
using Aegis.Gate.Peers;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

#pragma warning disable MCP9005 // sampling and folders: deprecated, and served to clients that have them

namespace Aegis.Server.Mcp;

/// <summary>What tools ask, and what clients reply, in the protocol's shapes and ours.</summary>
internal static class McpReplies
{
    public static ElicitRequestParams Form(PeerRequest.Form form) => new()
    {
        Message = form.Message,
        RequestedSchema = form.Schema.Deserialize<ElicitRequestParams.RequestSchema>(
            McpJsonUtilities.DefaultOptions),
    };

    public static CreateMessageRequestParams Sample(PeerRequest.Sample sample) => new()
    {
        MaxTokens = sample.TokensMax,
        SystemPrompt = sample.System,
        Messages =
        [
            new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = sample.Text }] },
        ],
    };

    public static PeerAbilities Abilities(ClientCapabilities? can) =>
        (can?.Elicitation is null ? PeerAbilities.None : PeerAbilities.Form)
        | (can?.Sampling is null ? PeerAbilities.None : PeerAbilities.Sample)
        | (can?.Roots is null ? PeerAbilities.None : PeerAbilities.Roots);

    /// <summary>What a request needs of the client.</summary>
    public static (PeerAbilities Ability, ClientCapabilities Needed) Need(PeerRequest request) =>
        request switch
        {
            PeerRequest.Form => (PeerAbilities.Form,
                new ClientCapabilities { Elicitation = new ElicitationCapability() }),
            PeerRequest.Sample => (PeerAbilities.Sample,
                new ClientCapabilities { Sampling = new SamplingCapability() }),
            _ => (PeerAbilities.Roots, new ClientCapabilities { Roots = new RootsCapability() }),
        };

    public static InputRequest Input(PeerRequest request) => request switch
    {
        PeerRequest.Form form => InputRequest.ForElicitation(Form(form)),
        PeerRequest.Sample sample => InputRequest.ForSampling(Sample(sample)),
        _ => InputRequest.ForRootsList(new ListRootsRequestParams()),
    };

    public static PeerReply Of(PeerRequest request, JsonElement raw) => request switch
    {
        PeerRequest.Form => Of(raw.Deserialize(InputResponse.ElicitResultJsonTypeInfo)!),
        PeerRequest.Sample => Of(raw.Deserialize(InputResponse.CreateMessageResultJsonTypeInfo)!),
        _ => Of(raw.Deserialize(InputResponse.ListRootsResultJsonTypeInfo)!),
    };

    public static PeerReply Of(ElicitResult result) => new(result.IsAccepted,
        result.Content is { } content
            ? JsonSerializer.SerializeToElement(content, McpJsonUtilities.DefaultOptions)
            : null);

    public static PeerReply Of(CreateMessageResult result) => new(true, null,
        string.Concat(result.Content.OfType<TextContentBlock>().Select(b => b.Text)));

    public static PeerReply Of(ListRootsResult result) => new(true,
        JsonSerializer.SerializeToElement(result.Roots, McpJsonUtilities.DefaultOptions));
}
