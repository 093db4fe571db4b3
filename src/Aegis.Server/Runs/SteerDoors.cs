using System.Text.Json.Serialization.Metadata;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Server.Auth;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>What is asked of a run that goes on: cancel, pause, resume, an answer for a task in
/// doubt.</summary>
public static class SteerDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/runs/{run}:cancel", http => SteerAsync(http, parts, Steering.Cancel))
            .RequireScope(Scopes.RunsWrite)
            .Describe("cancelRun", "Cancels a run", door => Steered(door, DoorJson.Default.SteerRunRequest));
        routes.MapPost("/v1/runs/{run}:pause", http => SteerAsync(http, parts, Steering.Pause))
            .RequireScope(Scopes.RunsWrite)
            .Describe("pauseRun", "Pauses a run: what runs goes on, nothing begins",
                door => Steered(door, DoorJson.Default.SteerRunRequest));
        routes.MapPost("/v1/runs/{run}:resume", http => ResumeAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("resumeRun", "Lets a paused run go on",
                door => Steered(door, DoorJson.Default.ResumeRunRequest));
        routes.MapPost("/v1/runs/{run}:retry", http => RetryAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("retryRun", "Starts a new run that takes over the results of this one that hold",
                door => door.MayRead(DoorJson.Default.RetryRunRequest)
                    .Answers(DoorJson.Default.RunRetriedAnswer, StatusCodes.Status202Accepted).Idempotent()
                    .Refuses("AEGIS5060", "AEGIS5061", "AEGIS5062", "AEGIS5063", "AEGIS5064"));
        routes.MapPost("/v1/runs/{run}/tasks/{step}:resolve", http => ResolveAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("resolveTask", "Answers for a task in doubt, or frozen", door => door
                .Reads(DoorJson.Default.ResolveTaskRequest).SteersARun().Refuses("AEGIS5003"));
    }

    private static DoorDescription Steered(DoorDescription door, JsonTypeInfo request) =>
        door.MayRead(request).SteersARun().Refuses("AEGIS5038");

    private static async Task SteerAsync(HttpContext http, DoorParts parts, Steering steering)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.SteerRunRequest, new());
        await DoAsync(http, parts, steering, request.Reason);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task ResumeAsync(HttpContext http, DoorParts parts)
    {
        await Body.ReadOrAsync(http, DoorJson.Default.ResumeRunRequest, new());
        await DoAsync(http, parts, Steering.Resume, null);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary>What these doors do, and the commands of a WebSocket.</summary>
    internal static async ValueTask DoAsync(
        HttpContext http, DoorParts parts, Steering steering, string? reason)
    {
        var (by, cancel) = (http.Caller().Principal, http.RequestAborted);
        var run = await RunAsync(http, parts);
        await (steering switch
        {
            Steering.Cancel => parts.RunDesk.CancelAsync(by, run, reason, cancel),
            Steering.Pause => parts.RunDesk.PauseAsync(by, run, reason, cancel),
            _ => parts.RunDesk.ResumeAsync(by, run, cancel),
        });
    }

    private static async Task RetryAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.RetryRunRequest, new());
        if (request.From?.FirstOrDefault(s => !IdRule.IsValid(s)) is { } wrong)
        {
            throw new AegisException(DoorErrors.Malformed("from names no step", "ids of steps",
                wrong.Length <= 64 ? wrong : wrong[..64]));
        }
        var run = await RunAsync(http, parts);
        var made = await parts.RunDesk.RetryAsync(http.Caller().Principal, run, new RetryRequest(
            [.. request.From ?? []], request.Inputs, request.Context, request.With, request.Reason,
            http.ChosenRun()),
            http.RequestAborted);
        http.Response.Headers.Location = $"/v1/runs/{made}";
        await Body.WriteAsync(http, new RunRetriedAnswer(made.Value, run.Value),
            DoorJson.Default.RunRetriedAnswer, StatusCodes.Status202Accepted);
    }

    private static async Task ResolveAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.ResolveTaskRequest);
        var answer = request.Answer switch
        {
            "done" => InDoubtAnswer.Done,
            "retry" => InDoubtAnswer.Retry,
            _ => InDoubtAnswer.Fail,
        };
        var (run, step) = (await RunAsync(http, parts), Query.Route(http, "step"));
        if (await parts.Runs.TaskAsync(http.ProjectKeys(), $"{run}.{step}", http.RequestAborted) is null)
        {
            throw new AegisException(DoorErrors.NotFound("step", step));
        }
        await parts.RunDesk.ResolveAsync(http.Caller().Principal, run, step, answer, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    // the desk works under the engine's role: what is not the caller's ends here
    private static async ValueTask<RunId> RunAsync(HttpContext http, DoorParts parts) =>
        new((await RunLookup.RunAsync(
            parts, http.ProjectKeys(), Query.Route(http, "run"), http.RequestAborted)).RunId);
}

internal enum Steering
{
    Cancel,
    Pause,
    Resume,
}
