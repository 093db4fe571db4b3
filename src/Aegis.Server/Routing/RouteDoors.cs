using Aegis.Server.Auth;
using Aegis.Server.Gateway;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Routing;

/// <summary>What the router would do with a call, and whether the models answer.</summary>
internal static class RouteDoors
{
    private const string Scope = "tools:llm";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts, GatewaySessions sessions)
    {
        var tester = new ModelTester(parts, sessions);
        routes.MapPost("/v1/routing/explain", http => ExplainAsync(http, parts)).RequireScope(Scope)
            .Describe("explainRoute", "What the router would do with a call of the key now, and why",
                door => door.Saying("Nothing is called and nothing is counted.")
                    .Reads(DoorJson.Default.ExplainRouteRequest)
                    .Answers(DoorJson.Default.RouteOutlookAnswer).Refuses("AEGIS2374"));
        routes.MapPost("/v1/routing/tests", http => TestAsync(http, tester)).RequireScope(Scope)
            .Describe("testModels", "Asks models for a short answer, and says how they answer",
                door => door.Saying("Each is a call of the key: recorded, limited and paid for.")
                    .MayRead(DoorJson.Default.TestModelsRequest)
                    .Answers(DoorJson.Default.ModelTestsAnswer).Refuses("AEGIS2432"));
    }

    private static async Task ExplainAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.ExplainRouteRequest);
        var (call, seed) = request.Read();
        var outlook = await parts.ModelDesk.ExplainAsync(
            http.Caller().Principal, call, seed, http.RequestAborted);
        await Body.WriteAsync(http, RouteOutlookAnswer.Of(request.Model, outlook),
            DoorJson.Default.RouteOutlookAnswer);
    }

    private static async Task TestAsync(HttpContext http, ModelTester tester)
    {
        var request = await Body.ReadOrAsync(
            http, DoorJson.Default.TestModelsRequest, new TestModelsRequest());
        await Body.WriteAsync(http, await tester.AskAsync(http.Caller().Principal, request.Checked(),
            http.RequestAborted), DoorJson.Default.ModelTestsAnswer);
    }
}
