using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Approvals;

/// <summary>Steps that wait for a human: listed, looked at, answered. An approval has the id of its
/// task.</summary>
public static class ApprovalDoors
{
    internal static readonly string[] Statuses = ApprovalAnswer.Statuses.Split(' ');

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/approvals", http => ListAsync(http, parts)).RequireScope(Scopes.ApprovalsRead)
            .Describe("listApprovals", "Steps that wait or waited for a human, newest first", door => door
                .Choice("status", "Only those with this status.", Statuses).Page()
                .Answers(DoorJson.Default.ListingApprovalAnswer));
        routes.MapGet("/v1/approvals/{approval}", http => GetAsync(http, parts))
            .RequireScope(Scopes.ApprovalsRead).WithEntityTag()
            .Describe("getApproval", "An approval", door => door.Answers(DoorJson.Default.ApprovalAnswer));
        routes.MapPost("/v1/approvals/{approval}:grant", http => AnswerAsync(http, parts, true, null))
            .RequireScope(Scopes.ApprovalsWrite)
            .Describe("grantApproval", "Says yes: the step begins", Answered);
        routes.MapPost("/v1/approvals/{approval}:deny", http => AnswerAsync(http, parts, false, null))
            .RequireScope(Scopes.ApprovalsWrite)
            .Describe("denyApproval", "Says no: the step fails", Answered);
    }

    internal static DoorDescription Answered(DoorDescription door) =>
        door.MayRead(DoorJson.Default.AnswerApprovalRequest).SteersARun().Refuses("AEGIS5037");

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var status = Query.Choice(http, "status", Statuses);
        var found = await parts.Runs.ApprovalsAsync(
            http.ProjectKeys(), status, PageCursors.Read(http), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http,
            PageCursors.Cut(found, limit, ApprovalAnswer.Of, a => (a.RequestedAt, a.ApprovalId)),
            DoorJson.Default.ListingApprovalAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var (id, keys, cancel) = (Query.Route(http, "approval"), http.ProjectKeys(), http.RequestAborted);
        // who was told ApprovalRequested, or got it as the answer to a call, can read it
        var found = await LaggingRow.FindAsync(parts, () => parts.Runs.ApprovalAsync(keys, id, cancel),
            () => parts.Runs.IsApprovalAskedAsync(keys, id, cancel), cancel)
            ?? throw new AegisException(DoorErrors.NotFound("approval", id));
        await Body.WriteAsync(http, ApprovalAnswer.Of(found), DoorJson.Default.ApprovalAnswer);
    }

    internal static async Task AnswerAsync(HttpContext http, DoorParts parts, bool granted, string? queue)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.AnswerApprovalRequest, new());
        await AnswerAsync(parts, http.Caller().Principal, http.ProjectKeys(), Query.Route(http, "approval"),
            granted, request.Reason, queue, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary>The run is looked up, not the approval's row: rows follow the events by some 50 ms, and who
    /// has just read ApprovalRequested may answer at once.</summary>
    internal static async ValueTask AnswerAsync(DoorParts parts, Principal by, TenancyKeys keys, string id,
        bool granted, string? reason, string? queue, CancellationToken cancel)
    {
        // an approval's id is its run's, a dot, and its step's
        if (id.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot))
        {
            throw new AegisException(DoorErrors.NotFound("approval", id));
        }
        var (runId, step) = (id[..dot], id[(dot + 1)..]);
        // waits for the rows of a run that has just begun
        await RunLookup.RunAsync(parts, keys, runId, cancel, DoorErrors.NotFound("approval", id));
        if (await parts.Runs.TaskAsync(keys, id, cancel) is null)
        {
            throw new AegisException(DoorErrors.NotFound("approval", id));
        }
        await parts.RunDesk.AnswerAsync(by, new RunId(runId), step, granted, reason, queue, cancel);
    }
}
