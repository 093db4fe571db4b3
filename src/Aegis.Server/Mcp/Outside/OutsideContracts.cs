using System.Text.Json;
using Aegis.Core.Federation;
using Aegis.Ledger.Federation;
using Aegis.Server.Json;

namespace Aegis.Server.Mcp.Outside;

/// <summary>A tool of an outside MCP server, and what of it is approved.</summary>
/// <param name="Name">As it is called: <c>mcp.SERVER.TOOL</c>.</param>
/// <param name="Open">Whether it may be called: what it says is what was approved.</param>
/// <param name="Says">Name, description, schemas and hints, as the server sent them last.</param>
/// <param name="SaidBefore">What was approved; left out where that is the same, or nothing.</param>
public sealed record OutsideToolAnswer(string Name, string Server, string Tool, bool Open, string Hash,
    string? ApprovedHash, DateTimeOffset SeenAt, string? ApprovedBy, DateTimeOffset? ApprovedAt,
    JsonElement Says, JsonElement? SaidBefore)
{
    public static OutsideToolAnswer Of(McpToolRow row) => new(McpToolName.Of(row.Pin.Server, row.Pin.Tool)!,
        row.Pin.Server, row.Pin.Tool, row.Pin.IsOpen, row.Pin.Seen, row.Pin.Approved, row.SeenAt,
        row.ApprovedBy, row.ApprovedAt, JsonElement.Parse(row.Seen),
        row.Approved is { } before && !row.Pin.IsOpen ? JsonElement.Parse(before) : null);
}

public sealed record ApproveOutsideToolRequest : DoorRequest
{
    /// <summary>Of what was read: a tool that says something else by now is not approved.</summary>
    public required string Hash { get; init; }
}
