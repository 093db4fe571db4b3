using Aegis.Core.Errors;
using Aegis.Ledger.Routing;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Routing;

/// <summary>What is learned about models: verdicts come in, beliefs and decisions are shown.</summary>
public static class LearningDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/routing/verdicts", http => JudgeAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("judgeCall", "Judges what a call got from models; the router learns from it",
                door => door.Reads(DoorJson.Default.JudgeCallRequest)
                    .Answers(DoorJson.Default.JudgedCallAnswer, StatusCodes.Status201Created)
                    .Refuses("AEGIS2345", "AEGIS2346", "AEGIS6020"));
        routes.MapGet("/v1/routing/models", http => ListAsync(http, parts)).RequireScope(Scopes.RunsRead)
            .Describe("listLearnedModels", "What is known of models, per task type", door => door
                .Saying("Of the models that this tenant's calls asked, as this node knows them now.")
                .Text("task_type", "Only what is known for this task type.").Page()
                .Answers(DoorJson.Default.ListingLearnedModelAnswer));
        routes.MapGet("/v1/routing/replacements", http => ReplacementsAsync(http, parts))
            .RequireScope(Scopes.RunsRead)
            .Describe("listModelReplacements", "Decisions that another model stands in, newest first",
                door => door.Page().Answers(DoorJson.Default.ListingReplacementAnswer));
        routes.MapGet("/v1/routing/replacements/{replacement}", http => ReplacementAsync(http, parts))
            .RequireScope(Scopes.RunsRead).WithEntityTag()
            .Describe("getModelReplacement", "A decision that another model stands in",
                door => door.Answers(DoorJson.Default.ReplacementAnswer));
        routes.MapDelete("/v1/routing/replacements/{replacement}", http => UndoAsync(http, parts))
            .RequireScope(Scopes.ProfileWrite).WithEntityTag()
            .Describe("undoModelReplacement", "Takes a decision back: the model is asked again", door => door
                .Saying("It is not decided again for a day.").Answers(StatusCodes.Status204NoContent));
    }

    private static async Task JudgeAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.JudgeCallRequest);
        var judged = await parts.Verdicts.JudgeAsync(http.ProjectKeys(), new CallVerdict(request.CallId,
            request.Kind, request.Value, http.Caller().Principal.Actor, parts.Time.GetUtcNow()),
            http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("call", request.CallId));
        parts.Signals.Learning.Wake();
        parts.Secrets.FactWaits();
        await Body.WriteAsync(http, new JudgedCallAnswer(request.CallId,
            [.. judged.Select(JudgedModelAnswer.Of)]), DoorJson.Default.JudgedCallAnswer,
            StatusCodes.Status201Created);
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var (memory, of, now) = (
            parts.Working().ModelMemory, http.Caller().Principal.Tenancy, parts.Time.GetUtcNow());
        var (limit, after, only) = (
            Query.Limit(http), PageCursors.Offset(http), Query.Text(http, "task_type"));
        var known = memory.Learning.Known(of.Tenant).Where(k => only is null || k.TaskType == only)
            .OrderBy(k => k.TaskType, StringComparer.Ordinal).ThenBy(k => k.Model).Skip(after)
            .Take(limit + 1).Select(k => LearnedModelAnswer.Of(memory, of, k.TaskType, k.Model, now))
            .ToList();
        await Listings.WriteAsync(http, PageCursors.CutAt(known, after, limit, k => k),
            DoorJson.Default.ListingLearnedModelAnswer);
    }

    private static async Task ReplacementsAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await parts.Replacements.ListAsync(
            http.ProjectKeys(), PageCursors.Read(http), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, ReplacementAnswer.Of,
            r => (r.Decision.At, r.ReplacementId)), DoorJson.Default.ListingReplacementAnswer);
    }

    private static async Task ReplacementAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "replacement");
        await Body.WriteAsync(http, ReplacementAnswer.Of(
            await parts.Replacements.FindAsync(http.ProjectKeys(), id, http.RequestAborted)
                ?? throw new AegisException(DoorErrors.NotFound("replacement", id))),
            DoorJson.Default.ReplacementAnswer);
    }

    private static async Task UndoAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "replacement");
        if (!await parts.Replacements.UndoAsync(http.ProjectKeys(), id, http.Caller().Principal.Actor,
            parts.Time.GetUtcNow(), http.Conditions().On<ReplacementListing>(r => EntityTag.Of(
                ReplacementAnswer.Of(r), DoorJson.Default.ReplacementAnswer)), http.RequestAborted))
        {
            throw new AegisException(DoorErrors.NotFound("replacement", id));
        }
        parts.Signals.Learning.Wake();
        parts.Secrets.FactWaits();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
