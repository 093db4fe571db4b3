using Aegis.Core.Agents;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>How what agents build stands, while they build it and after: folded from the facts of the run and
/// of the runs that its steps stand on.</summary>
internal static class StateDoor
{
    public static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var (keys, cancel) = (http.ProjectKeys(), http.RequestAborted);
        var run = await RunLookup.RunAsync(parts, keys, Query.Route(http, "run"), cancel);
        var fold = new ProjectStateFold(run.RunId);
        await TakeAsync(parts, keys, fold, run.RunId, cancel);
        foreach (var child in await parts.Runs.RunsAsync(
            keys, new RunFilter(Parent: run.RunId), null, DoorLimits.ChildrenShownMax, cancel))
        {
            await TakeAsync(parts, keys, fold, child.RunId, cancel);
        }
        await Body.WriteAsync(http, ProjectStateAnswer.Of(run.RunId, fold.State()),
            DoorJson.Default.ProjectStateAnswer);
    }

    private static async ValueTask TakeAsync(DoorParts parts, TenancyKeys keys, ProjectStateFold fold,
        string run, CancellationToken cancel)
    {
        for (var after = 0; ;)
        {
            var page = await parts.Streams.PageAsync(keys, run, after, DoorLimits.StreamPage, cancel)
                ?? throw new AegisException(DoorErrors.NotFound("run", run));
            foreach (var fact in page.Events)
            {
                after = fact.Version;
                if (fact.Payload is { } payload)
                {
                    fold.Take(run, fact.At, RunEventCodec.Decode(fact.Type, payload));
                }
            }
            if (!page.More)
            {
                return;
            }
        }
    }
}
