using System.Runtime.CompilerServices;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp.Sources;

/// <summary><c>run://ID</c>: a run with its tasks, as <c>GET /v1/runs/{run}</c> shows it.</summary>
internal sealed class RunResources(DoorParts parts) : ResourceSource
{
    private const string Root = "run://";
    private const string MediaType = "application/json";
    private static readonly RunFilter Every = new(null, null, null, null, null, null, null);

    public override string Scope => Scopes.RunsRead;

    public override IReadOnlyList<ResourceTemplate> Templates { get; } =
    [
        new ResourceTemplate
        {
            Name = "run",
            UriTemplate = Root + "{id}",
            Description = "A run with its tasks and outputs",
            MimeType = MediaType,
        },
    ];

    public override async ValueTask<IReadOnlyList<Resource>> ListAsync(
        SourceCaller caller, int limit, CancellationToken cancel)
    {
        var found = await parts.Runs.RunsAsync(caller.Keys, Every, null, limit, cancel);
        return [.. found.Select(r => new Resource
        {
            Uri = Root + r.RunId,
            Name = r.Name,
            Description = $"{r.Status}, {r.TasksDone} of {r.TasksTotal} tasks",
            MimeType = MediaType,
        })];
    }

    public override async ValueTask<IReadOnlyList<string>> CompleteAsync(SourceCaller caller,
        string template, string argument, string begun, CancellationToken cancel) =>
        template != Templates[0].UriTemplate ? [] :
        [.. (await parts.Runs.RunsAsync(caller.Keys, Every, null, McpCompletions.LookedAtMax, cancel))
            .Select(r => r.RunId).Where(id => id.StartsWith(begun, StringComparison.Ordinal))];

    public override async IAsyncEnumerable<int> ChangesAsync(
        SourceCaller caller, string uri, [EnumeratorCancellation] CancellationToken cancel)
    {
        var follower = new EventFollower(parts, caller.Keys, caller.Token, uri[Root.Length..]);
        var (after, caughtUp) = (0, false);
        while (true)
        {
            var page = await follower.PageAsync(after, DoorLimits.StreamPage, cancel);
            if (page.Events is [.., var last])
            {
                after = last.Version;
                if (caughtUp)
                {
                    yield return after;
                }
            }
            if (page.Ended && !page.More)
            {
                yield break;
            }
            if (!page.More)
            {
                caughtUp = true;
                await follower.NewsAsync(after, DoorLimits.Heartbeat, cancel);
            }
        }
    }

    public override async ValueTask<ResourceContents?> ReadAsync(
        SourceCaller caller, string uri, CancellationToken cancel)
    {
        if (!uri.StartsWith(Root, StringComparison.Ordinal)
            || await RunLookup.FindAsync(parts, caller.Keys, uri[Root.Length..], cancel) is not { } found)
        {
            return null;
        }
        var run = await RunLookup.DetailAsync(parts, caller.Keys, found, cancel);
        return new TextResourceContents
        {
            Uri = uri,
            MimeType = MediaType,
            Text = JsonSerializer.Serialize(run, DoorJson.Default.RunDetailAnswer),
        };
    }
}
