using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>The events of a run: a page, or a live stream that ends with the run. A stream writes each page
/// out before it reads the next.</summary>
internal static class EventDoor
{
    public static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var runId = Query.Route(http, "run");
        if (SseWriter.IsAskedFor(http.Request))
        {
            await StreamAsync(http, parts, runId);
            return;
        }
        var after = (int)Query.Number(http, "after", 0, 0, int.MaxValue);
        var limit = Query.Limit(http);
        var page = await new EventFollower(http, parts, runId).PageAsync(after, limit, http.RequestAborted);
        var bytes = EventWriter.Page(page, after);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext http, DoorParts parts, string runId)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted,
            parts.Readiness.Stopping);
        var after = After(http);
        var follower = new EventFollower(http, parts, runId);
        var page = await follower.PageAsync(after, DoorLimits.StreamPage, stop.Token);
        using var place = parts.OpenStreams.Take(http.ProjectKeys());
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
                if (!page.More && !await follower.NewsAsync(after, DoorLimits.Heartbeat, stop.Token))
                {
                    await sse.CommentAsync("still here");
                }
                page = await follower.PageAsync(after, DoorLimits.StreamPage, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the client left, was too slow, or the server stops; it comes back with its last id
            http.Abort();
        }
        catch (AegisException) when (http.Response.HasStarted)
        {
            // the key is valid no more
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
}
