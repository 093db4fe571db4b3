using System.Buffers.Text;
using System.Text;
using Aegis.Core;
using Aegis.Core.Audit;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Plans;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>Runs: started, listed, looked at, steered.</summary>
public static class RunDoors
{
    private static readonly string[] Statuses = ["running", "stopping", "succeeded", "failed", "cancelled"];

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/runs", http => CreateAsync(http, parts)).RequireScope(Scopes.RunsWrite);
        routes.MapGet("/v1/runs", http => ListAsync(http, parts)).RequireScope(Scopes.RunsRead);
        routes.MapGet("/v1/runs/{run}", http => GetAsync(http, parts)).RequireScope(Scopes.RunsRead);
        routes.MapPost("/v1/runs/{run}:cancel", http => CancelAsync(http, parts))
            .RequireScope(Scopes.RunsWrite);
        routes.MapPost("/v1/runs/{run}/tasks/{step}:resolve", http => ResolveAsync(http, parts))
            .RequireScope(Scopes.RunsWrite);
        routes.MapGet("/v1/runs/{run}/events", http => EventDoor.GetAsync(http, parts))
            .RequireScope(Scopes.RunsRead);
        routes.MapGet("/v1/runs/{run}/tasks/{step}/log", http => LogDoor.GetAsync(http, parts))
            .RequireScope(Scopes.RunsRead);
    }

    internal static async Task StartAsync(
        HttpContext http, DoorParts parts, PlanId plan, StartRunRequest request)
    {
        var run = await parts.RunDesk.StartAsync(http.Caller().Principal, plan,
            new RunRequest(request.Inputs, request.Context, request.Repository, request.Ref),
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
        var plan = await PlanDoors.CreateAsync(http, parts, request.Workflow, request.FileName, null);
        await StartAsync(http, parts, new PlanId(plan.PlanId), request);
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var status = Query.Text(http, "status");
        if (status is not null && !Statuses.Contains(status))
        {
            throw new AegisException(
                DoorErrors.Malformed("no such status", string.Join(", ", Statuses), status));
        }
        var after = Cursor(Query.Text(http, "cursor"));
        // one more than asked for tells whether there is a next page
        var found = await parts.Runs.RunsAsync(
            http.ProjectKeys(), status, after, limit + 1, http.RequestAborted);
        var page = found.Take(limit).Select(RunAnswer.Of).ToList();
        var next = found.Count > limit ? Cursor(page[^1]) : null;
        await Body.WriteAsync(http, new RunPageAnswer(page, next), DoorJson.Default.RunPageAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var run = await RunLookup.DetailAsync(parts, http.ProjectKeys(), Query.Route(http, "run"),
            http.RequestAborted);
        await Body.WriteAsync(http, run, DoorJson.Default.RunDetailAnswer);
    }

    private static async Task CancelAsync(HttpContext http, DoorParts parts)
    {
        var request = http.Request.ContentLength is 0 or null && http.Request.ContentType is null
            ? new CancelRunRequest()
            : await Body.ReadAsync(http, DoorJson.Default.CancelRunRequest);
        if (request.Reason?.Length > DoorLimits.ReasonCharsMax)
        {
            throw new AegisException(DoorErrors.Malformed("reason is too long",
                $"at most {DoorLimits.ReasonCharsMax} characters", $"{request.Reason.Length}"));
        }
        var run = await RunLookup.RunAsync(
            parts, http.ProjectKeys(), Query.Route(http, "run"), http.RequestAborted);
        await parts.RunDesk.CancelAsync(http.Caller().Principal, new RunId(run.RunId), request.Reason,
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task ResolveAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.ResolveTaskRequest);
        var answer = request.Answer switch
        {
            "done" => InDoubtAnswer.Done,
            "retry" => InDoubtAnswer.Retry,
            "fail" => InDoubtAnswer.Fail,
            var other => throw new AegisException(
                DoorErrors.Malformed("no such answer", "done, retry or fail", other)),
        };
        var (runId, step) = (Query.Route(http, "run"), Query.Route(http, "step"));
        var run = await RunLookup.RunAsync(parts, http.ProjectKeys(), runId, http.RequestAborted);
        if (await parts.Runs.TaskAsync(http.ProjectKeys(), $"{runId}.{step}", http.RequestAborted) is null)
        {
            throw new AegisException(DoorErrors.NotFound("step", step));
        }
        await parts.RunDesk.ResolveAsync(http.Caller().Principal, new RunId(run.RunId), step, answer,
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static string Cursor(RunAnswer last) =>
        Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes($"{EventHash.Microseconds(last.CreatedAt)}:{last.RunId}"));

    private static RunCursor? Cursor(string? text)
    {
        if (text is null)
        {
            return null;
        }
        if (Base64Url.IsValid(text)
            && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(':', 2) is [var at, var run]
            && long.TryParse(at, out var microseconds) && microseconds is >= 0 and < 1L << 53
                && IdRule.IsValid(run))
        {
            return new RunCursor(EventHash.FromMicroseconds(microseconds), run);
        }
        throw new AegisException(DoorErrors.Malformed("cursor is malformed", "next of the page before"));
    }
}
