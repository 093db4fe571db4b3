using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate.Terminals;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Terminals;

/// <summary>Live terminals of this node: listed, looked at, closed. They are opened and attached to on
/// <c>/v1/rpc</c>.</summary>
public static class TerminalDoors
{
    /// <summary>What the tool that opens them asks for.</summary>
    public const string ToolScope = "tools:terminal";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/terminals", http => ListAsync(http, parts)).RequireScope(Scopes.RunsRead)
            .Describe("listTerminals", "Live terminals, the oldest first",
                door => door.Page().Answers(DoorJson.Default.ListingTerminalAnswer));
        routes.MapGet("/v1/terminals/{terminal}", http => GetAsync(http, parts)).RequireScope(Scopes.RunsRead)
            .WithEntityTag()
            .Describe("getTerminal", "A live terminal",
                door => door.Answers(DoorJson.Default.TerminalAnswer));
        routes.MapPost("/v1/terminals/{terminal}:close", http => CloseAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("closeTerminal", "Ends a terminal with all that runs in it",
                door => door.Answers(StatusCodes.Status202Accepted));
    }

    /// <summary>A live terminal of the caller's project; it must not exist for anybody else.</summary>
    public static async ValueTask<LiveTerminal> FindAsync(
        HttpContext http, DoorParts parts, string id, CancellationToken cancel)
    {
        var missing = DoorErrors.NotFound("live terminal", id);
        await RunLookup.RunAsync(parts, http.ProjectKeys(), id, cancel, missing);
        return parts.Engine?.Terminals?.Find(new RunId(id)) is { } terminal
            && terminal.Tenancy == http.Caller().Principal.Tenancy
            ? terminal : throw new AegisException(missing);
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var found = parts.Engine?.Terminals?.Of(http.Caller().Principal.Tenancy) ?? [];
        await Listings.WriteAsync(http, found.Select(TerminalAnswer.Of), t => t, t => t.TerminalId,
            DoorJson.Default.ListingTerminalAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts) => await Body.WriteAsync(http,
        TerminalAnswer.Of(await FindAsync(http, parts, Query.Route(http, "terminal"), http.RequestAborted)),
        DoorJson.Default.TerminalAnswer);

    private static async Task CloseAsync(HttpContext http, DoorParts parts)
    {
        (await FindAsync(http, parts, Query.Route(http, "terminal"), http.RequestAborted)).Close();
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
