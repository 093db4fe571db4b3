using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Discovery;

/// <summary>What is on the server's machine. It is the operator's to know: tenants share the
/// machine.</summary>
public static class DiscoveryDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapGet("/v1/discovery", http => LookAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("discover", "Programs and servers of models on the server's machine", door => door
                .Saying("It is looked at anew at most every ten seconds.")
                .Answers(DoorJson.Default.DiscoveryAnswer));

    private static async Task LookAsync(HttpContext http, DoorParts parts) => await Body.WriteAsync(http,
        DiscoveryAnswer.Of(await parts.Machine.Survey.LookAsync(http.RequestAborted)),
        DoorJson.Default.DiscoveryAnswer);
}
