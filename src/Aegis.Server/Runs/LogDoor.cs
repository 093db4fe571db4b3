using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>A task's log: bytes from an offset, or a stream of text whose ids are offsets.</summary>
internal static class LogDoor
{
    public static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var (keys, runId, step) = (http.ProjectKeys(), Query.Route(http, "run"), Query.Route(http, "step"));
        var stream = SseWriter.IsAskedFor(http.Request);
        var follow = stream || Query.Flag(http, "follow");
        var offset = Offset(http);
        var asked = (int)Query.Number(http, "attempt", 0, 0, int.MaxValue);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted,
            parts.Readiness.Stopping);
        await RunLookup.RunAsync(parts, keys, runId, stop.Token);
        using var place = follow ? parts.OpenStreams.Take(keys) : null;
        var attempt = await AttemptAsync(parts, keys, runId, step, asked, follow, stop.Token);
        var log = parts.Working().LogAsync(new RunId(runId), step, attempt, offset, follow, stop.Token);
        if (stream)
        {
            await StreamAsync(http, log, offset, stop.Token);
        }
        else
        {
            await BytesAsync(http, log, stop.Token);
        }
    }

    /// <summary>The attempt asked for, or the newest. Who follows a task that has not begun waits for
    /// it.</summary>
    private static async ValueTask<int> AttemptAsync(
        DoorParts parts, TenancyKeys keys, string runId, string step,
        int asked, bool follow, CancellationToken cancel)
    {
        while (true)
        {
            var version = await parts.Streams.PageAsync(keys, runId, int.MaxValue - 1, 1, cancel);
            var task = await parts.Runs.TaskAsync(keys, $"{runId}.{step}", cancel);
            if (task is null)
            {
                throw new AegisException(DoorErrors.NotFound("step", step));
            }
            if (task.Value.Attempt >= Math.Max(1, asked))
            {
                return asked == 0 ? task.Value.Attempt : asked;
            }
            if (!follow || version is not { Ended: false }
                || task.Value.Status is "skipped" or "cancelled" or "failed")
            {
                throw new AegisException(DoorErrors.NotFound("log", step) with
                {
                    Mend = "the step has not begun, or its tool keeps no log",
                });
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), parts.Time, cancel);
        }
    }

    private static async Task BytesAsync(HttpContext http, IAsyncEnumerable<ReadOnlyMemory<byte>> log,
        CancellationToken cancel)
    {
        var begun = false;
        await foreach (var piece in log.WithCancellation(cancel))
        {
            Begin();
            await http.Response.Body.WriteAsync(piece, cancel);
            await http.Response.Body.FlushAsync(cancel);
        }
        Begin();

        // only now: before the first piece the answer may still be a problem document
        void Begin()
        {
            if (!begun)
            {
                begun = true;
                http.Response.ContentType = "text/plain; charset=utf-8";
                http.Response.Headers.XContentTypeOptions = "nosniff";
            }
        }
    }

    private static async Task StreamAsync(
        HttpContext http, IAsyncEnumerable<ReadOnlyMemory<byte>> log, long offset,
        CancellationToken cancel)
    {
        var sse = new SseWriter(http, cancel);
        var text = new TextCutter(offset);
        try
        {
            await using var pieces = log.GetAsyncEnumerator(cancel);
            var next = pieces.MoveNextAsync().AsTask();
            if (next.IsCompleted)
            {
                // a refusal comes before the stream opens, so that it is a problem document
                await next;
            }
            await sse.OpenAsync();
            while (await ArrivedAsync(next, sse, cancel))
            {
                await WriteAsync(sse, text, pieces.Current);
                next = pieces.MoveNextAsync().AsTask();
            }
            await sse.MessageAsync("end", $"{text.Offset}", "{}"u8.ToArray());
        }
        catch (OperationCanceledException)
        {
            http.Abort();
        }
    }

    private static async ValueTask<bool> ArrivedAsync(
        Task<bool> next, SseWriter sse, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await next.WaitAsync(DoorLimits.Heartbeat, cancel);
            }
            catch (TimeoutException)
            {
                await sse.CommentAsync("still here");
            }
        }
    }

    private static ValueTask WriteAsync(SseWriter sse, TextCutter text, ReadOnlyMemory<byte> piece)
    {
        var words = text.Take(piece.Span);
        var json = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(words)}\"");
        return sse.MessageAsync(null, text.Offset.ToString(CultureInfo.InvariantCulture), json);
    }

    private static long Offset(HttpContext http)
    {
        var last = http.Request.Headers["Last-Event-ID"];
        return last.Count == 1
            && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? at
            : Query.Number(http, "offset", 0, 0, long.MaxValue);
    }
}
