using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Plans;

/// <summary>Plans: made from workflows, looked at, run.</summary>
public static class PlanDoors
{
    /// <summary>Runs that a plan's status lists.</summary>
    public const int StatusRunsMax = 20;

    private const string FileNameDefault = "workflow.yaml";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/workflows", http => CreateAsync(http, parts)).RequireScope(Scopes.PlansWrite)
            .Describe("createWorkflowPlan", "Validates and stores a workflow", door => Made(door));
        routes.MapPost("/v1/plans:create", http => CreateAsync(http, parts)).RequireScope(Scopes.PlansWrite)
            .Describe("createPlan", "Makes a plan from a workflow", door => Made(door));
        routes.MapGet("/v1/plans/{plan}", http => GetAsync(http, parts)).RequireScope(Scopes.PlansRead)
            .WithEntityTag()
            .Describe("getPlan", "A plan", door => door.Answers(DoorJson.Default.PlanDetailAnswer));
        routes.MapGet("/v1/plans/{plan}/status", http => StatusAsync(http, parts))
            .RequireScope(Scopes.RunsRead).WithEntityTag()
            .Describe("getPlanStatus", "A plan's newest run with its tasks, and its newest runs",
                door => door.Answers(DoorJson.Default.PlanStatusAnswer));
        routes.MapPost("/v1/plans/{plan}:run", http => RunAsync(http, parts)).RequireScope(Scopes.RunsWrite)
            .Describe("runPlan", "Starts a run of a plan", door => door
                .MayRead(DoorJson.Default.StartRunRequest)
                .StartsARun());
    }

    private static DoorDescription Made(DoorDescription door) => door
        .Saying("The workflow comes as a member of a JSON object, or alone as it is. With an objective in "
            + "its place the assembly line is started, on the repository that is named or on a new one; that "
            + "needs runs:write too.")
        .Reads(DoorJson.Default.CreatePlanRequest).ReadsYaml()
        .Text("file_name", "What errors call the file; only where the body is the file itself.")
        .Answers(DoorJson.Default.PlanAnswer, StatusCodes.Status201Created).Idempotent()
        .Refuses("AEGIS2732", "AEGIS6040");

    /// <summary>A workflow comes as JSON, or alone as YAML.</summary>
    private static async Task CreateAsync(HttpContext http, DoorParts parts)
    {
        var file = await ReadFileAsync(http);
        var request = file is null
            ? await Body.ReadAsync(http, DoorJson.Default.CreatePlanRequest)
            : new CreatePlanRequest { FileName = Query.Text(http, "file_name") };
        if (request.Objective is not null)
        {
            await StartLineAsync(http, parts, request);
            return;
        }
        var plan = await CreateAsync(
            http, parts, file ?? TextOf(request.Workflow), request.FileName, request.Inputs);
        http.Response.Headers.Location = $"/v1/plans/{plan.PlanId}";
        await Body.WriteAsync(
            http, PlanAnswer.Of(plan), DoorJson.Default.PlanAnswer, StatusCodes.Status201Created);
    }

    private static async Task StartLineAsync(HttpContext http, DoorParts parts, CreatePlanRequest request)
    {
        if (request.Workflow is not null || request.FileName is not null)
        {
            throw new AegisException(
                DoorErrors.Malformed("a plan has a workflow or an objective", "one of them"));
        }
        var answer = await ObjectivePlan.StartAsync(parts, http.Caller().Principal, http.ProjectKeys(),
            new Objective(request.Objective!, request.Inputs, request.Repository), http.ChosenRun(),
            http.RequestAborted);
        http.Response.Headers.Location = $"/v1/plans/{answer.PlanId}";
        await Body.WriteAsync(http, answer, DoorJson.Default.PlanAnswer, StatusCodes.Status201Created);
    }

    /// <summary>A workflow that comes alone as YAML, byte for byte: what is no UTF-8 is for the compiler to
    /// say. Null for any other media type.</summary>
    internal static async ValueTask<byte[]?> ReadFileAsync(HttpContext http) =>
        Body.MediaTypeIs(http.Request.ContentType, "application/yaml")
            || Body.MediaTypeIs(http.Request.ContentType, "text/yaml")
            ? await Body.ReadBytesAsync(http)
            : null;

    /// <summary>A workflow that comes as a member of a JSON body.</summary>
    internal static byte[] TextOf(string? workflow) => string.IsNullOrWhiteSpace(workflow)
        ? throw new AegisException(
            DoorErrors.Malformed("workflow is missing", "the text of a workflow file"))
        : Encoding.UTF8.GetBytes(workflow);

    internal static ValueTask<PlanView> CreateAsync(HttpContext http, DoorParts parts,
        ReadOnlyMemory<byte> workflow, string? fileName, System.Text.Json.JsonElement? inputs)
    {
        var name = fileName ?? FileNameDefault;
        if (name.Length is 0 or > DoorLimits.FileNameCharsMax || name.Any(char.IsControl))
        {
            throw new AegisException(DoorErrors.Malformed("file_name is malformed",
                $"1 to {DoorLimits.FileNameCharsMax} printable characters"));
        }
        return parts.PlanDesk.CreateAsync(
            http.Caller().Principal, workflow, name, inputs, http.RequestAborted);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "plan");
        var plan = await PlanLookup.FindAsync(parts, http.ProjectKeys(), id, http.RequestAborted);
        await Body.WriteAsync(http, plan, DoorJson.Default.PlanDetailAnswer);
    }

    private static async Task StatusAsync(HttpContext http, DoorParts parts)
    {
        var (id, keys, cancel) = (Query.Route(http, "plan"), http.ProjectKeys(), http.RequestAborted);
        var plan = await PlanLookup.FindAsync(parts, keys, id, cancel);
        var runs = await parts.Runs.RunsOfPlanAsync(keys, id, StatusRunsMax, cancel);
        var newest = runs.Count == 0 ? null : await RunLookup.DetailAsync(parts, keys, runs[0].RunId, cancel);
        await Body.WriteAsync(http, new PlanStatusAnswer(id, plan.Name, newest?.Status ?? "never_run", newest,
            [.. runs.Select(RunAnswer.Of)]), DoorJson.Default.PlanStatusAnswer);
    }

    private static async Task RunAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.StartRunRequest, new());
        if (request.Workflow is not null || request.FileName is not null)
        {
            throw new AegisException(DoorErrors.Malformed("a plan has its workflow already", "no workflow"));
        }
        // the desk loads plans under the engine's role: what is not the caller's ends here
        var plan = await PlanLookup.FindAsync(parts, http.ProjectKeys(), Query.Route(http, "plan"),
            http.RequestAborted);
        await RunDoors.StartAsync(http, parts, new PlanId(plan.PlanId), request);
    }
}
