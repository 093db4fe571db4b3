using System.Globalization;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>The events of a run: a page, or a live stream that ends with the run. A stream reads the ledger
/// in pages and writes each out before it reads the next; between them it holds neither rows nor a
/// connection.</summary>
internal static class EventDoor
{
    public static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var (runId, keys) = (Query.Route(http, "run"), http.ProjectKeys());
        if (SseWriter.IsAskedFor(http.Request))
        {
            await StreamAsync(http, parts, keys, runId);
            return;
        }
        var after = (int)Query.Number(http, "after", 0, 0, int.MaxValue);
        var limit = Query.Limit(http);
        var page = await PageAsync(parts, keys, runId, after, limit, http.RequestAborted);
        var bytes = EventWriter.Page(page, after);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext http, DoorParts parts, TenancyKeys keys, string runId)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted,
            parts.Readiness.Stopping);
        var after = After(http);
        var page = await PageAsync(parts, keys, runId, after, DoorLimits.StreamPage, stop.Token);
        using var place = parts.OpenStreams.Take(keys);
        var sse = new SseWriter(http, stop.Token);
        try
        {
            await sse.OpenAsync();
            while (true)
            {
                after = await WriteAsync(sse, page, after);
                if (page is { Ended: true, More: false })
                {
                    await sse.MessageAsync("end", $"{after}", "{}"u8.ToArray());
                    return;
                }
                if (!page.More)
                {
                    await NewsAsync(parts, sse, runId, after, stop.Token);
                }
                page = await PageAsync(parts, keys, runId, after, DoorLimits.StreamPage, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the client left, was too slow, or the server stops; it comes back with its last id
            http.Abort();
        }
    }

    private static async ValueTask<int> WriteAsync(SseWriter sse, EventPage page, int after)
    {
        foreach (var fact in page.Events)
        {
            sse.Message(null, $"{fact.Version}", EventWriter.One(fact).Span);
            await sse.FlushIfLargeAsync();
            after = fact.Version;
        }
        await sse.FlushAsync();
        return after;
    }

    // wakes up on news, or after a heartbeat, which also catches what another node has written
    private static async ValueTask NewsAsync(DoorParts parts, SseWriter sse, string runId, int after,
        CancellationToken cancel)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        wait.CancelAfter(DoorLimits.Heartbeat);
        try
        {
            await parts.RunDesk.WaitForEventsAsync(new RunId(runId), after, wait.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            await sse.CommentAsync("still here");
        }
    }

    private static int After(HttpContext http)
    {
        var last = http.Request.Headers["Last-Event-ID"];
        if (last.Count == 0)
        {
            return (int)Query.Number(http, "after", 0, 0, int.MaxValue);
        }
        return int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new AegisException(
                DoorErrors.Malformed("Last-Event-ID is malformed", "the id of an event", last.ToString()));
    }

    private static async ValueTask<EventPage> PageAsync(
        DoorParts parts, TenancyKeys keys, string runId, int after,
        int limit, CancellationToken cancel) =>
        await parts.Streams.PageAsync(keys, runId, after, limit, cancel)
            ?? throw new AegisException(DoorErrors.NotFound("run", runId));
}
