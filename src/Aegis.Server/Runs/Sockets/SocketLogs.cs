using System.Collections.Concurrent;
using System.Text.Json;
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
    private readonly string runId = Query.Route(http, "run");
    private readonly AttemptLogs logs = new(parts, http.ProjectKeys(), Query.Route(http, "run"));
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
            await logs.FollowAsync(step, attempt, async (offset, words) =>
            {
                await writer.SendAsync(json => Write(json, step, attempt, offset, words));
                return on;
            }, cancel);
        }
        finally
        {
            places.Release();
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
