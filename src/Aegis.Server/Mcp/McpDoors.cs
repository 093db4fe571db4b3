using Aegis.Server.Auth;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Mcp;

/// <summary>The Model Context Protocol: the same tools for every MCP client. Any key may come in; what it
/// finds there is what its scopes let it find.</summary>
public static class McpDoors
{
    private const string Elsewhere = "Model Context Protocol, https://modelcontextprotocol.io; docs/mcp.md";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        var log = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger<McpDoor>();
        var door = new McpDoor(parts, log);
        routes.MapPost("/mcp", door.PostAsync).RequireScope(Scopes.Any).IsDescribedElsewhere(Elsewhere);
        routes.MapGet("/mcp", door.GetAsync).RequireScope(Scopes.Any).IsDescribedElsewhere(Elsewhere);
        routes.MapDelete("/mcp", door.DeleteAsync).RequireScope(Scopes.Any).IsDescribedElsewhere(Elsewhere);
    }
}
