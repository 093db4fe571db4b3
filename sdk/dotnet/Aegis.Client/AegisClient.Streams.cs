using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    private static readonly TimeSpan ReconnectDelayMax = TimeSpan.FromSeconds(5);

    /// <summary>How often in a row a broken stream is reconnected without having brought anything.</summary>
    public int ReconnectsMax { get; init; } = 20;

    /// <summary>The run's events from <paramref name="after"/> on, live, until the run has ended. A broken
    /// connection is resumed by Last-Event-ID: nothing is skipped, nothing comes twice.</summary>
    public async IAsyncEnumerable<RunEvent> FollowEventsAsync(string runId, int after = 0,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var last = after;
        await foreach (
            var message in FollowAsync($"v1/runs/{Escape(runId)}/events", after.ToString(), cancel))
        {
            var fact = JsonSerializer.Deserialize(message.Data, ClientJson.Default.RunEvent)!;
            if (fact.Version > last)
            {
                last = fact.Version;
                yield return fact;
            }
        }
    }

    /// <summary>A task's log as it grows, until the task has ended.</summary>
    public async IAsyncEnumerable<LogChunk> FollowLogAsync(string runId, string stepId, long offset = 0,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var path = $"v1/runs/{Escape(runId)}/tasks/{Escape(stepId)}/log?follow=true";
        var at = offset;
        await foreach (var message in FollowAsync(path, offset.ToString(), cancel))
        {
            var text = JsonSerializer.Deserialize(message.Data, ClientJson.Default.JsonElement).GetString()
                ?? "";
            yield return new LogChunk(at, text);
            at = long.TryParse(message.Id, out var next) ? next : at;
        }
    }

    /// <summary>The log that is there now, as bytes.</summary>
    public async Task<Stream> ReadLogAsync(string runId, string stepId, long offset = 0,
        CancellationToken cancel = default)
    {
        var reply = await SendAsync(HttpMethod.Get,
            $"v1/runs/{Escape(runId)}/tasks/{Escape(stepId)}/log?offset={offset}", null, null, cancel);
        await RequireOkAsync(reply, cancel);
        return await reply.Content.ReadAsStreamAsync(cancel);
    }

    private async IAsyncEnumerable<SseMessage> FollowAsync(string path, string id,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        var failures = 0;
        while (true)
        {
            await foreach (var message in ConnectAsync(path, id, cancel))
            {
                if (message.Event == "end")
                {
                    yield break;
                }
                failures = 0;
                id = message.Id ?? id;
                yield return message;
            }
            if (++failures > ReconnectsMax)
            {
                throw new AegisUnreachableException(
                    Server, new IOException("the stream broke off too often"));
            }
            await Task.Delay(Backoff(failures), cancel);
        }
    }

    // Ends quietly where the connection broke: the caller reconnects from the last id.
    private async IAsyncEnumerable<SseMessage> ConnectAsync(string path, string id,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reply = await TryOpenAsync(path, id, cancel);
        if (reply is null)
        {
            yield break;
        }
        await using var stream = await reply.Content.ReadAsStreamAsync(cancel);
        await using var messages = SseReader.ReadAsync(stream, cancel).GetAsyncEnumerator(cancel);
        while (await MoveNextOrBrokenAsync(messages))
        {
            yield return messages.Current;
        }
    }

    private async Task<HttpResponseMessage?> TryOpenAsync(string path, string id, CancellationToken cancel)
    {
        HttpResponseMessage reply;
        try
        {
            reply = await SendAsync(HttpMethod.Get, path, null, headers =>
            {
                headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
                headers.Add("Last-Event-ID", id);
            }, cancel);
        }
        catch (AegisUnreachableException)
        {
            return null;
        }
        if (IsTransient(reply.StatusCode))
        {
            reply.Dispose();
            return null;
        }
        await RequireOkAsync(reply, cancel);
        return reply;
    }

    private static async ValueTask<bool> MoveNextOrBrokenAsync(IAsyncEnumerator<SseMessage> messages)
    {
        try
        {
            return await messages.MoveNextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return false;
        }
    }

    private static TimeSpan Backoff(int failures) =>
        TimeSpan.FromMilliseconds(Math.Min(ReconnectDelayMax.TotalMilliseconds, 50 * Math.Pow(2, failures)));
}
