using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Gate.Federation;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Mcp.Outside;

/// <summary>Tools of outside MCP servers: read, and approved. Approving is a door and no tool, so that no
/// model can do it by calling one.</summary>
public static class OutsideToolDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/mcp/tools", http => ListAsync(http, parts)).RequireScope(Scopes.McpRead)
            .Describe("listOutsideTools", "Tools of outside MCP servers, and what of them is approved",
                door => door.Page().Answers(DoorJson.Default.ListingOutsideToolAnswer));
        routes.MapPost("/v1/mcp/tools/{outside}:approve", http => ApproveAsync(http, parts))
            .RequireScope(Scopes.McpWrite)
            .Describe("approveOutsideTool", "Lets an outside tool be called as long as it says this",
                door => door.Reads(DoorJson.Default.ApproveOutsideToolRequest)
                    .Answers(DoorJson.Default.OutsideToolAnswer).Refuses("AEGIS6226"));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var rows = await parts.OutsideTools.ListAsync(http.ProjectKeys(), null, http.RequestAborted);
        await Listings.WriteAsync(http, rows.Select(OutsideToolAnswer.Of), t => t, t => t.Name,
            DoorJson.Default.ListingOutsideToolAnswer);
    }

    private static async Task ApproveAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.ApproveOutsideToolRequest);
        var (name, by) = (Query.Route(http, "outside"), http.Caller().Principal);
        if (!McpToolName.TryRead(name, out var server, out var tool)
            || !(await parts.OutsideTools.ListAsync(http.ProjectKeys(), server, http.RequestAborted))
                .Any(r => r.Pin.Tool == tool))
        {
            throw new AegisException(DoorErrors.NotFound("outside tool", name));
        }
        var row = await parts.OutsideTools.ApproveAsync(
            http.ProjectKeys(), server, tool, request.Hash, by.Actor, http.RequestAborted)
            ?? throw new AegisException(FederationErrors.Changed(name, request.Hash));
        parts.Engine?.Tools.Catalogue.Forget(by.Tenancy);
        await Body.WriteAsync(http, OutsideToolAnswer.Of(row), DoorJson.Default.OutsideToolAnswer);
    }
}
