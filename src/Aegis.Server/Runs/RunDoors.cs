using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Plans;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs.Sockets;

namespace Aegis.Server.Runs;

/// <summary>Runs: started, listed, looked at.</summary>
public static class RunDoors
{
    private static readonly string[] Statuses = RunAnswer.Statuses.Split(' ');

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/runs", http => CreateAsync(http, parts)).RequireScope(Scopes.RunsWrite)
            .Describe("createRun", "Makes a plan from a workflow and starts a run of it", door => door
                .Reads(DoorJson.Default.StartRunRequest)
                .StartsARun());
        routes.MapGet("/v1/runs", http => ListAsync(http, parts)).RequireScope(Scopes.RunsRead)
            .Describe("listRuns", "Runs, newest first", door => door
                .Choice("status", "Only those with this status.", Statuses)
                .Text("parent", "Only those that steps of this run stand on.")
                .Text("name", "Only those of workflows of this name.")
                .Text("plan", "Only those of this plan.")
                .Text("actor", "Only those that this actor started, such as key:key_….")
                .Time("created_after", "Only those made then or later.")
                .Time("created_before", "Only those made earlier.").Page()
                .Answers(DoorJson.Default.ListingRunAnswer));
        routes.MapGet("/v1/runs/{run}", http => http.WebSockets.IsWebSocketRequest
                ? SocketDoor.OpenAsync(http, parts)
                : GetAsync(http, parts)).RequireScope(Scopes.RunsRead).WithEntityTag()
            .Describe("getRun", "A run with its tasks, and its outputs once it succeeded", door => door
                .Saying("With Upgrade: websocket it is the run's live socket; docs/api.md, WebSockets.")
                .Number("after", "Of a socket: only events with a greater version.", 0, int.MaxValue, 0)
                .Flag("logs", "Of a socket: logs too.")
                .Answers(DoorJson.Default.RunDetailAnswer));
        routes.MapGet("/v1/runs/{run}/events", http => EventDoor.GetAsync(http, parts))
            .RequireScope(Scopes.RunsRead)
            .Describe("listRunEvents", "A run's events: a page, or a stream that ends with the run",
                door => door
                .Number("after", "Only events with a greater version.", 0, int.MaxValue, 0).Limit()
                .Answers(DoorJson.Default.EventPageAnswer).Streams());
        routes.MapGet("/v1/runs/{run}/state", http => StateDoor.GetAsync(http, parts))
            .RequireScope(Scopes.RunsRead)
            .Describe("getRunState",
                "How what agents build in a run stands: what was said, specification, plan, pull requests, "
                + "vaccines, retries, build status",
                door => door.Answers(DoorJson.Default.ProjectStateAnswer));
        routes.MapGet("/v1/runs/{run}/tasks/{step}/log", http => LogDoor.GetAsync(http, parts))
            .RequireScope(Scopes.RunsRead)
            .Describe("getTaskLog", "A task's log: its bytes, or a stream of text", door => door
                .Number("offset", "The byte to begin at.", 0, long.MaxValue, 0)
                .Flag("follow", "Goes on until the attempt has ended.")
                .Number("attempt", "Which attempt; 0 for the newest.", 0, int.MaxValue, 0)
                .AnswersRaw("text/plain").Streams()
                .Refuses("AEGIS2301", "AEGIS2302", "AEGIS2303"));
    }

    internal static async Task StartAsync(
        HttpContext http, DoorParts parts, PlanId plan, StartRunRequest request)
    {
        var run = await parts.RunDesk.StartAsync(http.Caller().Principal, plan,
            new RunRequest(request.Inputs, request.Context, request.Repository, request.Ref,
                http.ChosenRun(), request.Freeze, request.DedupeKey) { MayBeThere = true },
            http.RequestAborted);
        http.Response.Headers.Location = $"/v1/runs/{run}";
        await Body.WriteAsync(
            http, new RunStartedAnswer(run.Value, plan.Value), DoorJson.Default.RunStartedAnswer,
            StatusCodes.Status202Accepted);
    }

    private static async Task CreateAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.StartRunRequest);
        // inputs are the run's: the desk holds them against the plan when it starts the run
        var plan = await PlanDoors.CreateAsync(
            http, parts, PlanDoors.TextOf(request.Workflow), request.FileName, null);
        await StartAsync(http, parts, new PlanId(plan.PlanId), request);
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var only = new RunFilter(Query.Choice(http, "status", Statuses), Query.Text(http, "parent"),
            Query.Text(http, "name"), Query.Text(http, "plan"), Query.Text(http, "actor"),
            Query.Time(http, "created_after"), Query.Time(http, "created_before"));
        var found = await parts.Runs.RunsAsync(
            http.ProjectKeys(), only, PageCursors.Read(http), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http,
            PageCursors.Cut(found, limit, RunAnswer.Of, r => (r.CreatedAt, r.RunId)),
            DoorJson.Default.ListingRunAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        // a socket's: what would be refused there is refused here
        Query.Number(http, "after", 0, 0, int.MaxValue);
        Query.Flag(http, "logs");
        var run = await RunLookup.DetailAsync(parts, http.ProjectKeys(), Query.Route(http, "run"),
            http.RequestAborted);
        await Body.WriteAsync(http, run, DoorJson.Default.RunDetailAnswer);
    }
}
