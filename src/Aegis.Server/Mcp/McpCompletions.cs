using Aegis.Server.Mcp.Sources;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>What an argument may be, while a person types it.</summary>
internal sealed class McpCompletions(
    IReadOnlyList<ResourceSource> resources, IReadOnlyList<PromptSource> prompts)
{
    /// <summary>Values of one answer; the protocol's own limit.</summary>
    public const int ValuesMax = 100;

    /// <summary>Things that are looked at for them.</summary>
    public const int LookedAtMax = 500;

    public async ValueTask<CompleteResult> OfAsync(
        RequestContext<CompleteRequestParams> context, CancellationToken cancel)
    {
        var (caller, argument) = (McpCaller.Of(context), context.Params.Argument);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        switch (context.Params.Ref)
        {
            case PromptReference prompt:
                foreach (var source in prompts.Where(s => caller.Holds(s.Scope)))
                {
                    found.UnionWith(await source.CompleteAsync(
                        caller.ForSources, prompt.Name, argument.Name, argument.Value, cancel));
                }
                break;
            case ResourceTemplateReference template:
                foreach (var source in resources.Where(s => caller.Holds(s.Scope)))
                {
                    found.UnionWith(await source.CompleteAsync(
                        caller.ForSources, template.Uri!, argument.Name, argument.Value, cancel));
                }
                break;
        }
        return new CompleteResult
        {
            Completion = new Completion
            {
                Values = [.. found.Take(ValuesMax)],
                Total = found.Count,
                HasMore = found.Count > ValuesMax,
            },
        };
    }
}
