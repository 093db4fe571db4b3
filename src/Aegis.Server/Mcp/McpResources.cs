using Aegis.Core.Errors;
using Aegis.Server.Mcp.Sources;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>Resources of every source whose scope the caller holds.</summary>
internal sealed class McpResources(IReadOnlyList<ResourceSource> sources)
{
    /// <summary>What a list shows of each source; the templates reach the others.</summary>
    public const int ShownMax = 200;

    public async ValueTask<ListResourcesResult> ListAsync(
        RequestContext<ListResourcesRequestParams> context, CancellationToken cancel)
    {
        var (caller, found) = (McpCaller.Of(context), new List<Resource>());
        foreach (var source in Of(caller))
        {
            found.AddRange(await source.ListAsync(caller.ForSources, ShownMax, cancel));
        }
        return new ListResourcesResult
        {
            Resources = found,
            TimeToLive = McpWire.Fresh,
            CacheScope = CacheScope.Private,
        };
    }

    public ValueTask<ListResourceTemplatesResult> Templates(
        RequestContext<ListResourceTemplatesRequestParams> context) =>
        ValueTask.FromResult(new ListResourceTemplatesResult
        {
            ResourceTemplates = [.. Of(McpCaller.Of(context)).SelectMany(s => s.Templates)],
            TimeToLive = McpWire.Fresh,
            CacheScope = CacheScope.Private,
        });

    public async ValueTask<ReadResourceResult> ReadAsync(
        RequestContext<ReadResourceRequestParams> context, CancellationToken cancel)
    {
        var (caller, uri) = (McpCaller.Of(context), context.Params.Uri);
        foreach (var source in Of(caller))
        {
            if (await source.ReadAsync(caller.ForSources, uri, cancel) is { } contents)
            {
                return new ReadResourceResult
                {
                    Contents = [contents],
                    TimeToLive = TimeSpan.Zero,
                    CacheScope = CacheScope.Private,
                };
            }
        }
        throw McpErrors.Protocol(McpErrors.Missing("resource", uri),
            McpErrorCode.ResourceNotFound);
    }

    /// <summary>The client hears of it whenever what it watches may have changed.</summary>
    public async ValueTask<EmptyResult> WatchAsync(
        RequestContext<SubscribeRequestParams> context, CancellationToken cancel)
    {
        var (caller, uri) = (McpCaller.Of(context), context.Params.Uri);
        foreach (var source in Of(caller))
        {
            if (await source.ReadAsync(caller.ForSources, uri, cancel) is not null)
            {
                caller.Watches?.Begin(uri, until => source.ChangesAsync(caller.ForSources, uri, until),
                    context.Server);
                return new EmptyResult();
            }
        }
        throw McpErrors.Protocol(McpErrors.Missing("resource", uri), McpErrorCode.ResourceNotFound);
    }

    public static ValueTask<EmptyResult> Unwatch(RequestContext<UnsubscribeRequestParams> context)
    {
        McpCaller.Of(context).Watches?.End(context.Params.Uri);
        return ValueTask.FromResult(new EmptyResult());
    }

    private IEnumerable<ResourceSource> Of(McpCaller caller) => sources.Where(s => caller.Holds(s.Scope));
}
