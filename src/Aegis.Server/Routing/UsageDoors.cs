using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Routing;

/// <summary>What calls to models used and cost, of runs and of sessions alike.</summary>
public static class UsageDoors
{
    private static readonly string[] By = ["run", "task", "agent", "model", "provider", "day", "key"];

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapGet("/v1/routing/usage", http => ListAsync(http, parts)).RequireScope(Scopes.RunsRead)
            .Describe("listModelUsage", "What calls to models used and cost, costliest first", door => door
                .Choice("by", "What is summed together; the model where left out.", By)
                .Day("from", "Only calls of this day of UTC or later.")
                .Day("to", "Only calls of this day of UTC or earlier.")
                .Text("run", "Only calls of this run or session.").Page()
                .Answers(DoorJson.Default.ListingModelUsageAnswer));

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var only = new UsageFilter(Query.Choice(http, "by", By) ?? "model", Query.Day(http, "from"),
            Query.Day(http, "to"), Query.Text(http, "run"));
        var (limit, after) = (Query.Limit(http), PageCursors.Offset(http));
        var found = await parts.Usage.ListAsync(
            http.ProjectKeys(), only, after, limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http, PageCursors.CutAt(found, after, limit, ModelUsageAnswer.Of),
            DoorJson.Default.ListingModelUsageAnswer);
    }
}
