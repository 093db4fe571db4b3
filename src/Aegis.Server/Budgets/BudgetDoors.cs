using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Budgets;

/// <summary>What may be spent, and what is left of it.</summary>
public static class BudgetDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapGet("/v1/budgets", http => ListAsync(http, parts)).RequireScope(Scopes.Any)
            .Describe("listBudgets", "The limits that bound the calls of the key, and what is left of them",
                door => door.Page().Answers(DoorJson.Default.ListingBudgetAnswer).Refuses("AEGIS2374"));

    private static async Task ListAsync(HttpContext http, DoorParts parts) => await Listings.WriteAsync(http,
        (await parts.ToolDesk.BudgetsAsync(http.Caller().Principal, http.RequestAborted))
            .Select(BudgetAnswer.Of),
        b => b, b => $"{b.Scope} {b.Holder} {b.Unit} {b.Period}", DoorJson.Default.ListingBudgetAnswer);
}
