using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Triggers;
using Aegis.Engine;
using Aegis.Engine.Schedules;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Plans;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Workflows;

/// <summary>Registered workflows: what something else than a person may start.</summary>
public static class WorkflowDoors
{
    /// <summary>Starts that a workflow's page lists.</summary>
    public const int StartsShownMax = 20;

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/workflows", http => ListAsync(http, parts)).RequireScope(Scopes.PlansRead)
            .Describe("listWorkflows", "Registered workflows",
                door => door.Page().Answers(DoorJson.Default.ListingWorkflowAnswer));
        routes.MapGet("/v1/workflows/{workflow}", http => GetAsync(http, parts))
            .RequireScope(Scopes.PlansRead).WithEntityTag()
            .Describe("getWorkflow", "A registered workflow, and its newest starts",
                door => door.Answers(DoorJson.Default.WorkflowDetailAnswer));
        routes.MapPut("/v1/workflows/{workflow}", http => PutAsync(http, parts))
            .RequireScope(Scopes.PlansWrite).WithEntityTag()
            .Describe("putWorkflow", "Registers a workflow; needs runs:write too", WorkflowForms.Put);
        routes.MapDelete("/v1/workflows/{workflow}", http => DeleteAsync(http, parts))
            .RequireScope(Scopes.PlansWrite).WithEntityTag()
            .Describe("deleteWorkflow", "Takes a workflow off the register",
                door => door.Answers(StatusCodes.Status204NoContent));
        routes.MapPost("/v1/workflows/{workflow}:run", http => RunAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("runWorkflow", "Starts a run of a registered workflow, whose on lists api", door => door
                .MayRead(DoorJson.Default.StartRunRequest)
                .StartsARun().Refuses("AEGIS6064"));
        routes.MapPost("/v1/workflows/{workflow}:enable", http => EnableAsync(http, parts, true))
            .RequireScope(Scopes.PlansWrite)
            .Describe("enableWorkflow", "Lets a workflow be started again; needs runs:write too",
                door => door.Answers(DoorJson.Default.WorkflowAnswer));
        routes.MapPost("/v1/workflows/{workflow}:disable", http => EnableAsync(http, parts, false))
            .RequireScope(Scopes.PlansWrite)
            .Describe("disableWorkflow", "Lets nothing start a workflow",
                door => door.Answers(DoorJson.Default.WorkflowAnswer));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await parts.Workflows.ListAsync(
            http.ProjectKeys(), http.RequestAborted, PageCursors.Read(http)?.Id, limit + 1);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, WorkflowAnswer.Of, w => w.Name),
            DoorJson.Default.ListingWorkflowAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var found = await FindAsync(http, parts);
        var starts = await parts.Workflows.StartsAsync(
            http.ProjectKeys(), found.Name, StartsShownMax, http.RequestAborted);
        // a start makes a reader's copy stale, and not what somebody is about to put
        await Body.WriteAsync(http, new WorkflowDetailAnswer(WorkflowAnswer.Of(found),
            [.. starts.Select(StartAnswer.Of)]), DoorJson.Default.WorkflowDetailAnswer, state: Tag(found));
    }

    private static async Task PutAsync(HttpContext http, DoorParts parts)
    {
        RequireStarting(http);
        var (name, by) = (Query.Route(http, "workflow"), http.Caller().Principal);
        if (!IdRule.IsValid(name))
        {
            throw new AegisException(DoorErrors.Malformed("the workflow's name is malformed",
                IdRule.Form, name));
        }
        var (request, file) = await WorkflowForms.ReadAsync(http);
        var check = http.Conditions().On<RegisteredWorkflow>(Tag);
        // once more under the lock; here it keeps a refused request from leaving a plan behind
        check?.Invoke(await parts.Workflows.FindAsync(http.ProjectKeys(), name, http.RequestAborted));
        var plan = await PlanDoors.CreateAsync(http, parts, file, request.FileName, null);
        var stored = await parts.Workflows.PutAsync(http.ProjectKeys(), new NewWorkflow(name, plan.PlanId,
            plan.WorkflowHash, by.Actor, [.. by.Scopes.Order(StringComparer.Ordinal)], plan.Triggers,
            request.Repository, request.Ref), http.RequestAborted, check);
        parts.Signals.Schedules.Wake();
        await Body.WriteAsync(http, WorkflowAnswer.Of(stored), DoorJson.Default.WorkflowAnswer);
    }

    private static async Task DeleteAsync(HttpContext http, DoorParts parts)
    {
        var name = Query.Route(http, "workflow");
        if (!await parts.Workflows.DeleteAsync(http.ProjectKeys(), name, http.RequestAborted,
            http.Conditions().On<RegisteredWorkflow>(Tag)))
        {
            throw new AegisException(DoorErrors.NotFound("workflow", name));
        }
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task EnableAsync(HttpContext http, DoorParts parts, bool enabled)
    {
        var name = Query.Route(http, "workflow");
        if (enabled)
        {
            RequireStarting(http);
        }
        var stored = await parts.Workflows.EnableAsync(http.ProjectKeys(), name, enabled, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("workflow", name));
        parts.Signals.Schedules.Wake();
        await Body.WriteAsync(http, WorkflowAnswer.Of(stored), DoorJson.Default.WorkflowAnswer);
    }

    /// <summary>The run is the caller's own: judged by the caller's scopes, not by the registrar's.</summary>
    private static async Task RunAsync(HttpContext http, DoorParts parts)
    {
        var request = http.Request.ContentLength is 0 or null && http.Request.ContentType is null
            ? new StartRunRequest()
            : await Body.ReadAsync(http, DoorJson.Default.StartRunRequest);
        if (request.Workflow is not null || request.FileName is not null)
        {
            throw new AegisException(DoorErrors.Malformed("the workflow is registered already",
                "no workflow"));
        }
        var found = await FindAsync(http, parts);
        var id = http.ChosenRun()?.Value ?? FreshRunId.At(parts.Time.GetUtcNow());
        await StartAsync(parts, http.Caller().Principal, http.ProjectKeys(), found, new RunRequest(
            request.Inputs, Context(request.Context, found.Name), request.Repository, request.Ref,
            new RunId(id)), http.RequestAborted);
        http.Response.Headers.Location = $"/v1/runs/{id}";
        await Body.WriteAsync(http, new RunStartedAnswer(id, found.PlanId),
            DoorJson.Default.RunStartedAnswer, StatusCodes.Status202Accepted);
    }

    /// <summary>Starts a run as its caller's own. The start is on record before it: the run may end before
    /// this server's next line.</summary>
    /// <param name="request">With the run's id.</param>
    internal static async ValueTask StartAsync(DoorParts parts, Principal by, TenancyKeys keys,
        RegisteredWorkflow found, RunRequest request, CancellationToken cancel)
    {
        if (!found.Enabled || !found.Triggers.OfType<ApiTrigger>().Any())
        {
            throw new AegisException(HookErrors.NotByApi(found.Name, found.Enabled));
        }
        var id = request.Id!.Value.Value;
        await parts.Workflows.RecordDirectAsync(keys, new NewStart(found, id, $"api:{id}", "{}"), cancel);
        try
        {
            await parts.RunDesk.StartAsync(by, new PlanId(found.PlanId), request with
            {
                Repository = request.Repository ?? found.Repository,
                Ref = request.Ref ?? found.Ref,
                MayBeThere = true,
            }, cancel);
        }
        catch (AegisException e)
        {
            await parts.Workflows.RecordRefusalAsync(keys, id, e.Error.ToString(), CancellationToken.None);
            throw;
        }
    }

    internal static JsonElement Context(JsonElement? given, string workflow)
    {
        var context = given is { ValueKind: JsonValueKind.Object } some
            ? JsonNode.Parse(some.GetRawText())!.AsObject()
            : [];
        context["event"] ??= "api";
        context["workflow"] = workflow;
        return JsonSerializer.SerializeToElement(context);
    }

    private static EntityTag Tag(RegisteredWorkflow workflow) =>
        EntityTag.Of(WorkflowAnswer.Of(workflow), DoorJson.Default.WorkflowAnswer);

    private static async Task<RegisteredWorkflow> FindAsync(HttpContext http, DoorParts parts)
    {
        var name = Query.Route(http, "workflow");
        return await parts.Workflows.FindAsync(http.ProjectKeys(), name, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("workflow", name));
    }

    // who registers a workflow lets it start runs in his name, so he must be allowed to start one
    private static void RequireStarting(HttpContext http)
    {
        if (!http.Caller().Principal.Holds(Scopes.RunsWrite))
        {
            throw new AegisException(DoorErrors.ScopeMissing(Scopes.RunsWrite));
        }
    }
}
