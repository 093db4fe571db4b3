using System.Text.Json;
using Aegis.Server.Mcp.Sources;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>Prompts of every source whose scope the caller holds.</summary>
internal sealed class McpPrompts(IReadOnlyList<PromptSource> sources, McpPeers peers)
{
    /// <summary>What a list shows of each source.</summary>
    public const int ShownMax = 500;

    private static readonly Dictionary<string, JsonElement> None = [];

    public async ValueTask<ListPromptsResult> ListAsync(
        RequestContext<ListPromptsRequestParams> context, CancellationToken cancel)
    {
        var (caller, found) = (McpCaller.Of(context), new List<Prompt>());
        foreach (var source in Of(caller))
        {
            found.AddRange(await source.ListAsync(caller.ForSources, ShownMax, cancel));
        }
        return new ListPromptsResult
        {
            Prompts = found,
            TimeToLive = McpWire.Fresh,
            CacheScope = CacheScope.Private,
        };
    }

    public async ValueTask<GetPromptResult> GetAsync(
        RequestContext<GetPromptRequestParams> context, CancellationToken cancel)
    {
        var (caller, name) = (McpCaller.Of(context), context.Params.Name);
        var arguments = context.Params.Arguments is { } given
            ? given.ToDictionary(a => a.Key, a => a.Value)
            : None;
        await using var peer = peers.Of(context, context.Params,
            $"prompt/{name}/{JsonSerializer.Serialize(context.Params.Arguments)}", cancel);
        foreach (var source in Of(caller))
        {
            if (await source.GetAsync(caller.ForSources, name, arguments, peer, cancel) is { } prompt)
            {
                return prompt;
            }
        }
        throw McpErrors.Protocol(McpErrors.Missing("prompt", name));
    }

    private IEnumerable<PromptSource> Of(McpCaller caller) => sources.Where(s => caller.Holds(s.Scope));
}
