using System.Collections.Concurrent;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs.Sockets;

/// <summary>The logs of a run's attempts beside its events: of those that run when logs are turned on, and of
/// every one that begins from then on. Each comes whole, from its first byte.</summary>
internal sealed class SocketLogs(
    HttpContext http, DoorParts parts, SocketWriter writer, CancellationToken cancel) : IDisposable
{
    private const string NoLog = "AEGIS2301";
    private const string GoneLog = "AEGIS2302";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly string runId = Query.Route(http, "run");
    private readonly SemaphoreSlim places = new(DoorLimits.SocketLogsMax);
    private readonly ConcurrentDictionary<(string Step, int Attempt), Task> followed = new();
    private volatile bool on;

    public async ValueTask TurnAsync(bool wanted)
    {
        on = wanted;
        foreach (var task in wanted ? await parts.Runs.TasksAsync(http.ProjectKeys(), runId, cancel) : [])
        {
            if (task.Status == "running")
            {
                Begin(task.StepId, task.Attempt);
            }
        }
    }

    public void Saw(EventListing fact)
    {
        if (on && fact is { Type: nameof(TaskStarted), Payload: { } payload }
            && RunEventCodec.Decode(fact.Type, payload) is TaskStarted started)
        {
            Begin(started.StepId, started.Attempt);
        }
    }

    /// <summary>Returns once everything that was begun has been sent.</summary>
    public Task EndAsync() => Task.WhenAll(followed.Values);

    public void Dispose() => places.Dispose();

    private void Begin(string step, int attempt) =>
        followed.GetOrAdd((step, attempt), _ => Task.Run(() => FollowAsync(step, attempt), cancel));

    private async Task FollowAsync(string step, int attempt)
    {
        await places.WaitAsync(cancel);
        try
        {
            // an attempt is a fact before its log is a file; one that ends without has none
            while (!await TryFollowAsync(step, attempt))
            {
                if (await IsOverAsync(step, attempt))
                {
                    await TryFollowAsync(step, attempt);
                    return;
                }
                await Task.Delay(Step, parts.Time, cancel);
            }
        }
        finally
        {
            places.Release();
        }
    }

    private async ValueTask<bool> IsOverAsync(string step, int attempt)
    {
        var task = await parts.Runs.TaskAsync(http.ProjectKeys(), $"{runId}.{step}", cancel);
        return task is { } now
            && (now.Attempt > attempt || (now.Attempt == attempt && now.Status != "running"));
    }

    private async ValueTask<bool> TryFollowAsync(string step, int attempt)
    {
        try
        {
            var text = new TextCutter(0);
            await foreach (var piece in parts.Working()
                .LogAsync(new RunId(runId), step, attempt, 0, follow: true, cancel))
            {
                var words = text.Take(piece.Span);
                await writer.SendAsync(json => Write(json, step, attempt, text.Offset, words));
                if (!on)
                {
                    break;
                }
            }
            return true;
        }
        catch (AegisException e) when (e.Error.Code is NoLog or GoneLog)
        {
            return e.Error.Code == GoneLog;
        }
    }

    private static void Write(Utf8JsonWriter json, string step, int attempt, long offset, string text)
    {
        json.WriteStartObject();
        json.WriteStartObject("log");
        json.WriteString("step_id", step);
        json.WriteNumber("attempt", attempt);
        json.WriteNumber("offset", offset);
        json.WriteString("text", text);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
