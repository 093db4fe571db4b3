using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Approvals;

/// <summary>A queue of requests for approval, which is its tenant's: who answers it need see nothing else,
/// and can answer nothing else.</summary>
public static class QueueDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/queues/{queue}", http => ListAsync(http, parts))
            .RequireScope(Scopes.OfQueue).ForTenant()
            .Describe("listQueue", "What waits or waited in a queue of the tenant, oldest first", door => door
                .Saying("Of every project for a key of the whole tenant that chooses none.")
                .Choice("status", "Only those with this status.", ApprovalDoors.Statuses).Page()
                .Answers(DoorJson.Default.ListingQueuedApprovalAnswer));
        routes.MapPost("/v1/queues/{queue}/approvals/{approval}:grant",
                http => AnswerAsync(http, parts, granted: true))
            .RequireScope(Scopes.OfQueue).ForTenant()
            .Describe("grantQueued", "Says yes to a request in this queue", ApprovalDoors.Answered);
        routes.MapPost("/v1/queues/{queue}/approvals/{approval}:deny",
                http => AnswerAsync(http, parts, granted: false))
            .RequireScope(Scopes.OfQueue).ForTenant()
            .Describe("denyQueued", "Says no to a request in this queue", ApprovalDoors.Answered);
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var (caller, limit) = (http.Caller(), Query.Limit(http));
        var found = await parts.Runs.QueueAsync(caller.Tenant, caller.Keys?.Project,
            Query.Route(http, "queue"), Query.Choice(http, "status", ApprovalDoors.Statuses),
            PageCursors.Read(http), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, QueuedApprovalAnswer.Of,
            q => (q.Approval.RequestedAt, q.Approval.ApprovalId)),
            DoorJson.Default.ListingQueuedApprovalAnswer);
    }

    /// <summary>Who answers for the whole tenant need not say which project asks: what waits in the queue
    /// tells it.</summary>
    private static async Task AnswerAsync(HttpContext http, DoorParts parts, bool granted)
    {
        var (caller, queue, id) = (http.Caller(), Query.Route(http, "queue"), Query.Route(http, "approval"));
        if (caller.Keys is null)
        {
            var cancel = http.RequestAborted;
            var (project, keys) = await parts.Runs.QueuedInAsync(caller.Tenant, queue, id, cancel)
                ?? throw new AegisException(DoorErrors.NotFound("approval", id));
            var tenant = caller.Principal.Tenancy.Tenant;
            http.SetCaller(caller with
            {
                Keys = keys, Principal = caller.Principal with { Tenancy = new(tenant, project) },
            });
        }
        await ApprovalDoors.AnswerAsync(http, parts, granted, queue);
    }
}
