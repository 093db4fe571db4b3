using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Plans;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>Runs: started, listed, looked at.</summary>
public static class RunDoors
{
    private static readonly string[] Statuses =
        ["queued", "running", "paused", "stopping", "succeeded", "failed", "cancelled"];

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/runs", http => CreateAsync(http, parts)).RequireScope(Scopes.RunsWrite);
        routes.MapGet("/v1/runs", http => ListAsync(http, parts)).RequireScope(Scopes.RunsRead);
        routes.MapGet("/v1/runs/{run}", http => GetAsync(http, parts)).RequireScope(Scopes.RunsRead);
        routes.MapGet("/v1/runs/{run}/events", http => EventDoor.GetAsync(http, parts))
            .RequireScope(Scopes.RunsRead);
        routes.MapGet("/v1/runs/{run}/tasks/{step}/log", http => LogDoor.GetAsync(http, parts))
            .RequireScope(Scopes.RunsRead);
    }

    internal static async Task StartAsync(
        HttpContext http, DoorParts parts, PlanId plan, StartRunRequest request)
    {
        var run = await parts.RunDesk.StartAsync(http.Caller().Principal, plan,
            new RunRequest(request.Inputs, request.Context, request.Repository, request.Ref,
                Freeze: request.Freeze, DedupeKey: DedupeKey(request)), http.RequestAborted);
        http.Response.Headers.Location = $"/v1/runs/{run}";
        await Body.WriteAsync(
            http, new RunStartedAnswer(run.Value, plan.Value), DoorJson.Default.RunStartedAnswer,
            StatusCodes.Status202Accepted);
    }

    private static string? DedupeKey(StartRunRequest request) =>
        request.DedupeKey is null or { Length: > 0 and <= DoorLimits.DedupeKeyCharsMax }
            ? request.DedupeKey
            : throw new AegisException(DoorErrors.Malformed("dedupe_key is out of bounds",
                $"1 to {DoorLimits.DedupeKeyCharsMax} characters", $"{request.DedupeKey.Length}"));

    private static async Task CreateAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.StartRunRequest);
        // inputs are the run's: the desk holds them against the plan when it starts the run
        var plan = await PlanDoors.CreateAsync(http, parts, request.Workflow, request.FileName, null);
        await StartAsync(http, parts, new PlanId(plan.PlanId), request);
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var status = Query.Choice(http, "status", Statuses);
        var found = await parts.Runs.RunsAsync(
            http.ProjectKeys(), status, PageCursors.Read(http), limit + 1, http.RequestAborted);
        var (page, next) = PageCursors.Cut(found, limit, RunAnswer.Of, r => (r.CreatedAt, r.RunId));
        await Body.WriteAsync(http, new RunPageAnswer(page, next), DoorJson.Default.RunPageAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var run = await RunLookup.DetailAsync(parts, http.ProjectKeys(), Query.Route(http, "run"),
            http.RequestAborted);
        await Body.WriteAsync(http, run, DoorJson.Default.RunDetailAnswer);
    }
}
