namespace Aegis.Core.Runs.Events;

/// <summary>Somebody has read what an outside tool says of itself and lets it be called; in the stream
/// <c>mcp/SERVER</c>.</summary>
/// <param name="Hash">Of what it says.</param>
/// <param name="Before">What was approved until then; null for the first time.</param>
public sealed record McpToolApproved(
    string FactId, string Server, string Tool, string Hash, string? Before, string Actor) : RunEvent;
