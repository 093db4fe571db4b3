using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Sandboxes;

/// <summary>What this node's sandboxes are made of: the report of <c>./aegis sandbox doctor</c>, of the
/// server that runs. For a tenant's administrator, who decides in the profile which kind and walls its runs
/// demand.</summary>
public static class SandboxDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapGet("/v1/sandbox", http => GetAsync(http, parts)).RequireScope(Scopes.Admin).ForTenant()
            .Describe("getSandbox", "The node's kinds of sandboxes: walls, mechanisms, what is missing",
                door => door.Answers(DoorJson.Default.SandboxReport));

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var report = parts.Engine is { } engine ? await engine.ExamineAsync(http.RequestAborted) : null;
        await Body.WriteAsync(http,
            report ?? throw new AegisException(DoorErrors.NotReady("engine", "it has no sandboxes")),
            DoorJson.Default.SandboxReport);
    }
}
