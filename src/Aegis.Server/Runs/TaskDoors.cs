using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>Tasks by their own ids.</summary>
public static class TaskDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapGet("/v1/tasks/{task}/affected", http => AffectedAsync(http, parts))
            .RequireScope(Scopes.RunsRead).WithEntityTag()
            .Describe("listAffectedTasks", "The tasks that stand on this one, near or far",
                door => door.Answers(DoorJson.Default.AffectedAnswer));

    private static async Task AffectedAsync(HttpContext http, DoorParts parts)
    {
        var (id, keys, cancel) = (Query.Route(http, "task"), http.ProjectKeys(), http.RequestAborted);
        if (await parts.Runs.TaskAsync(keys, id, cancel) is null)
        {
            throw new AegisException(DoorErrors.NotFound("task", id));
        }
        // one more than is shown tells whether some are left out
        var found = await parts.Runs.AffectedAsync(keys, id, DoorLimits.AffectedMax + 1, cancel);
        await Body.WriteAsync(http, new AffectedAnswer(id,
            [.. found.Take(DoorLimits.AffectedMax).Select(AffectedTaskAnswer.Of)],
            found.Count > DoorLimits.AffectedMax), DoorJson.Default.AffectedAnswer);
    }
}
