using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Gate.Admission;
using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;
using Aegis.Server.Tools;

namespace Aegis.Server.Spawns;

/// <summary>Named programs that run once in the sandbox: started, looked at, ended. Each is a run of one step
/// of process.spawn, so the gate judges it, the ledger records it, and it survives as runs do.</summary>
public static class SpawnDoors
{
    private const string Tool = "process.spawn";
    private const string Prefix = "spawn:";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/spawns", http => CreateAsync(http, parts)).RequireScope(Scopes.RunsWrite)
            .Describe("createSpawn", "Runs a named program in the sandbox", door => door
                .Reads(DoorJson.Default.SpawnRequest)
                .Answers(DoorJson.Default.SpawnAnswer, StatusCodes.Status202Accepted).Idempotent()
                .Refuses("AEGIS1140", "AEGIS1141", "AEGIS2001", "AEGIS2003", "AEGIS4222", "AEGIS6040"));
        routes.MapGet("/v1/spawns", http => ListAsync(http, parts)).RequireScope(Scopes.RunsRead)
            .Describe("listSpawns", "Spawned processes, newest first", door => door
                .Choice("status", "Only those with this status.", RunAnswer.Statuses.Split(' ')).Page()
                .Answers(DoorJson.Default.ListingSpawnAnswer));
        routes.MapGet("/v1/spawns/{spawn}", http => GetAsync(http, parts)).RequireScope(Scopes.RunsRead)
            .WithEntityTag()
            .Describe("getSpawn", "A spawned process: live CPU and memory while it runs, then its record",
                door => door.Answers(DoorJson.Default.SpawnAnswer));
        routes.MapPost("/v1/spawns/{spawn}:kill", http => KillAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("killSpawn", "Ends a spawned process with all that it started",
                door => door.MayRead(DoorJson.Default.SteerRunRequest).SteersARun());
    }

    private static async Task CreateAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.SpawnRequest);
        var start = Start(request);
        if (await start.RunAsync(http, parts) is not { } run)
        {
            return;
        }
        http.Response.Headers.Location = $"/v1/spawns/{run}";
        var row = await RunLookup.RunAsync(parts, http.ProjectKeys(), run.Value, http.RequestAborted);
        await Body.WriteAsync(http, Of(row, parts) with { Name = request.Name }, DoorJson.Default.SpawnAnswer,
            StatusCodes.Status202Accepted);
    }

    /// <summary>Who may spawn names the program by naming it; guards of its arguments hold all the
    /// same.</summary>
    internal static CallStart Start(SpawnRequest request) => new(Tool, Input(request),
        new CallPolicyRequest { AllowCommands = [request.Command] }, "spawn")
    {
        Name = Prefix + request.Name, Repository = request.Repository, Ref = request.Ref,
    };

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var only = new RunFilter(
            Query.Choice(http, "status", RunAnswer.Statuses.Split(' ')), NamePrefix: Prefix);
        var found = await parts.Runs.RunsAsync(
            http.ProjectKeys(), only, PageCursors.Read(http), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http,
            PageCursors.Cut(found, limit, r => Of(r, parts), r => (r.CreatedAt, r.RunId)),
            DoorJson.Default.ListingSpawnAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var run = await FindAsync(http, parts);
        var answer = Of(run, parts);
        if (run.EndedAt is not null)
        {
            var call = await new CallWatch(http, parts, new RunId(run.RunId))
                .UntilAsync(TimeSpan.Zero, http.RequestAborted);
            answer = answer with
            {
                ExitCode = call.ExitCode,
                Output = call.Output,
                Error = call.Error,
                TimedOut = Member(call.Outputs, "timed_out")?.GetBoolean(),
                CpuMs = Member(call.Outputs, "cpu_ms")?.GetInt64(),
                PeakMemoryBytes = Member(call.Outputs, "peak_memory_bytes")?.GetInt64(),
            };
        }
        await Body.WriteAsync(http, answer, DoorJson.Default.SpawnAnswer);
    }

    private static async Task KillAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.SteerRunRequest, new());
        var run = await FindAsync(http, parts);
        await parts.RunDesk.CancelAsync(http.Caller().Principal, new RunId(run.RunId),
            request.Reason ?? "killed", http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary>A run that is no spawn is not there.</summary>
    private static async ValueTask<RunListing> FindAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "spawn");
        var missing = DoorErrors.NotFound("spawn", id);
        var run = await RunLookup.RunAsync(parts, http.ProjectKeys(), id, http.RequestAborted, missing);
        return run.Name.StartsWith(Prefix, StringComparison.Ordinal) ? run
            : throw new AegisException(missing);
    }

    private static SpawnAnswer Of(RunListing run, DoorParts parts) => new(
        run.RunId, run.Name.Split(':')[^1], run.Status, run.Actor, run.CreatedAt, run.EndedAt,
        run.EndedAt is null ? SpawnUsageAnswer.Of(parts.Engine?.Usage(new RunId(run.RunId))) : null);

    private static JsonElement Input(SpawnRequest request)
    {
        var input = new JsonObject
        {
            ["name"] = request.Name,
            ["command"] = request.Command,
            ["args"] = new JsonArray([.. (request.Args ?? []).Select(a => (JsonNode?)a)]),
        };
        if (request.TimeoutSeconds is { } seconds)
        {
            input["timeout_seconds"] = seconds;
        }
        if (request.MaxMemoryMb is { } memory)
        {
            input["max_memory_mb"] = memory;
        }
        return JsonElement.Parse(input.ToJsonString());
    }

    private static JsonElement? Member(JsonElement? outputs, string name) =>
        outputs is { } json && json.TryGetProperty(name, out var value) ? value : null;
}
