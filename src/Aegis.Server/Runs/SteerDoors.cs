using System.Text.Json.Serialization.Metadata;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Server.Auth;
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
        routes.MapPost("/v1/runs/{run}:cancel", http => CancelAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("cancelRun", "Cancels a run", door => Steered(door, DoorJson.Default.SteerRunRequest));
        routes.MapPost("/v1/runs/{run}:pause", http => PauseAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("pauseRun", "Pauses a run: what runs goes on, nothing begins",
                door => Steered(door, DoorJson.Default.SteerRunRequest));
        routes.MapPost("/v1/runs/{run}:resume", http => ResumeAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("resumeRun", "Lets a paused run go on",
                door => Steered(door, DoorJson.Default.ResumeRunRequest));
        routes.MapPost("/v1/runs/{run}/tasks/{step}:resolve", http => ResolveAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("resolveTask", "Answers for a task in doubt, or frozen", door => door
                .Reads(DoorJson.Default.ResolveTaskRequest).SteersARun().Refuses("AEGIS5003"));
    }

    private static DoorDescription Steered(DoorDescription door, JsonTypeInfo request) =>
        door.MayRead(request).SteersARun().Refuses("AEGIS5038");

    private static async Task CancelAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.SteerRunRequest, new());
        await parts.RunDesk.CancelAsync(
            http.Caller().Principal, await RunAsync(http, parts), request.Reason, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task PauseAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.SteerRunRequest, new());
        await parts.RunDesk.PauseAsync(
            http.Caller().Principal, await RunAsync(http, parts), request.Reason, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task ResumeAsync(HttpContext http, DoorParts parts)
    {
        await Body.ReadOrAsync(http, DoorJson.Default.ResumeRunRequest, new());
        await parts.RunDesk.ResumeAsync(
            http.Caller().Principal, await RunAsync(http, parts), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
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
