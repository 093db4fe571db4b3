using Aegis.Core.Errors;
using Aegis.Core.Runs.Locks;
using Aegis.Ledger.Locks;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Locks;

/// <summary>Locks of a project for holders that are no runs. Runs and they stand in one queue under one rule;
/// the list shows both.</summary>
public static class LockDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/locks", http => AcquireAsync(http, parts)).RequireScope(Scopes.LocksWrite)
            .Describe("acquireLock", "Locks resources for a holder that is no run", door => door
                .Reads(DoorJson.Default.LockResourceRequest)
                .Answers(DoorJson.Default.LockGrantedAnswer, StatusCodes.Status201Created)
                .Refuses("AEGIS4230", "AEGIS4232", "AEGIS4233", "AEGIS4234"));
        routes.MapGet("/v1/locks", http => ListAsync(http, parts)).RequireScope(Scopes.LocksRead)
            .Describe("listLocks", "Locks and places in the queue, of runs too, the earliest first",
                door => door.Text("resource", "Only those of this resource.").Page()
                    .Answers(DoorJson.Default.ListingLockAnswer));
        routes.MapGet("/v1/locks/{lease}", http => GetAsync(http, parts)).RequireScope(Scopes.LocksRead)
            .WithEntityTag()
            .Describe("getLock", "A lock of a holder that is no run",
                door => door.Answers(DoorJson.Default.LockAnswer));
        routes.MapPost("/v1/locks/{lease}:renew", http => RenewAsync(http, parts))
            .RequireScope(Scopes.LocksWrite)
            .Describe("renewLock", "Holds a lock for longer", door => door
                .MayRead(DoorJson.Default.RenewLockRequest).Answers(DoorJson.Default.LockGrantedAnswer)
                .Refuses("AEGIS4231", "AEGIS4233"));
        routes.MapDelete("/v1/locks/{lease}", http => ReleaseAsync(http, parts))
            .RequireScope(Scopes.LocksWrite).WithEntityTag()
            .Describe("releaseLock", "Gives a lock back, or takes its request out of the queue",
                door => door.Answers(StatusCodes.Status204NoContent).Refuses("AEGIS4233"));
    }

    private static async Task AcquireAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.LockResourceRequest);
        for (var i = 0; i < request.Resources.Count; i++)
        {
            RequireName(request.Resources[i], i);
        }
        var by = http.Caller().Principal;
        var ask = new OutsideAsk(request.Holder ?? by.Actor, by.Actor,
            request.TtlSeconds ?? OutsideAsk.TtlSecondsDefault, request.WaitSeconds ?? 0);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, parts.Readiness.Stopping);
        var answer = await AskAsync(http, parts, [.. request.Resources], ask, left.Token);
        switch (answer)
        {
            case OutsideAnswer.Granted(var held):
                http.Response.Headers.Location = $"/v1/locks/{held.LockId}";
                await Body.WriteAsync(http, LockGrantedAnswer.Of(held), DoorJson.Default.LockGrantedAnswer,
                    StatusCodes.Status201Created);
                break;
            case OutsideAnswer.Denied(var denial):
                var denied = await DeniedAsync(http, parts, denial);
                var error = LockErrors.Denied(denied);
                await ProblemWriter.WriteAsync(http, ProblemAnswer.Of(ErrorRegistry.Status(error.Code), error)
                    with { LockDenied = denied });
                break;
            default:
                throw new AegisException(LockErrors.TooMany);
        }
    }

    private static async Task<OutsideAnswer> AskAsync(
        HttpContext http, DoorParts parts, string[] names, OutsideAsk ask, CancellationToken left)
    {
        try
        {
            return await parts.LockDesk.AcquireAsync(
                http.Caller().Principal.Tenancy, http.ProjectKeys(), [.. names], ask, left);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new AegisException(DoorErrors.NotReady("server", "it stops"));
        }
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await parts.Locks.ListAsync(http.ProjectKeys(), PageCursors.Read(http)?.Id,
            Query.Text(http, "resource"), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, LockAnswer.Of, l => l.Cursor),
            DoorJson.Default.ListingLockAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts) =>
        await Body.WriteAsync(
            http, LockAnswer.Of(await FindAsync(http, parts)), DoorJson.Default.LockAnswer);

    private static async Task RenewAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.RenewLockRequest, new());
        var (found, by) = (await FindAsync(http, parts), http.Caller().Principal);
        var answer = await parts.LockDesk.RenewAsync(by.Tenancy, http.ProjectKeys(), found.LockId!,
            request.TtlSeconds, by.Actor, http.RequestAborted);
        await Body.WriteAsync(http, answer is OutsideAnswer.Granted(var held) ? LockGrantedAnswer.Of(held)
            : throw new AegisException(LockErrors.NotHeld(found.LockId!)),
            DoorJson.Default.LockGrantedAnswer);
    }

    private static async Task ReleaseAsync(HttpContext http, DoorParts parts)
    {
        var (found, by) = (await FindAsync(http, parts), http.Caller().Principal);
        http.Conditions().On<LockListing>(
            l => EntityTag.Of(LockAnswer.Of(l), DoorJson.Default.LockAnswer))?.Invoke(found);
        if (await parts.LockDesk.ReleaseAsync(by.Tenancy, http.ProjectKeys(), found.LockId!, by.Actor,
            http.RequestAborted) is OutsideAnswer.Gone)
        {
            throw new AegisException(DoorErrors.NotFound("lock", found.LockId!));
        }
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async ValueTask<LockListing> FindAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "lease");
        return await parts.Locks.FindAsync(http.ProjectKeys(), id, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("lock", id));
    }

    private static async Task<LockDeniedAnswer> DeniedAsync(
        HttpContext http, DoorParts parts, OutsideDenial denial)
    {
        var held = new List<LockHoldingAnswer>();
        foreach (var h in denial.HeldBy)
        {
            var tasks = h.RunId is { } run
                ? await parts.Runs.TasksAsync(http.ProjectKeys(), run, http.RequestAborted) : [];
            held.Add(new LockHoldingAnswer(h.Name, h.Since, h.LockId, h.Holder, h.RunId,
                h.Task is { } task ? tasks.ElementAtOrDefault(task)?.StepId : null, h.ExpiresAt));
        }
        return new LockDeniedAnswer(LockDeniedAnswer.Word, denial.Reason, denial.Position, held);
    }

    private static void RequireName(string? name, int index)
    {
        if (LockName.Fault(name ?? "") is { } fault)
        {
            throw new AegisException(fault with
            {
                Place = new ErrorPlace(ErrorPlace.Step("resources") + ErrorPlace.Step($"{index}")),
            });
        }
    }
}
