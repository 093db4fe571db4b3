using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Federation;
using Aegis.Gate;
using Aegis.Gate.Federation;

namespace Aegis.Tools.Federation;

/// <summary><c>mcp.refresh</c>: asks an outside MCP server of the profile what tools it has. What it says is
/// written down for somebody to read and to approve; it opens nothing.</summary>
public sealed class McpRefresh : Tool<McpRefreshInput>
{
    public override ToolDescriptor Descriptor { get; } = new("mcp.refresh", FederatedTool.ScopeName,
        ToolEffect.Idempotent, "Asks an outside MCP server of the profile what tools it has.");

    protected override async ValueTask<ToolResult> InvokeAsync(
        McpRefreshInput input, Execution execution, CancellationToken cancel)
    {
        var pins = await execution.SurveyAsync(input.Server, cancel);
        var closed = pins.Count(p => !p.IsOpen);
        return new ToolResult(true, $"{input.Server} has {pins.Count} tools, {closed} of them not approved",
            JsonSerializer.SerializeToElement(new JsonObject
            {
                ["tools"] = new JsonArray([.. pins.Select(p => (JsonNode)new JsonObject
                {
                    ["name"] = McpToolName.Of(p.Server, p.Tool),
                    ["hash"] = p.Seen,
                    ["approved_hash"] = p.Approved,
                    ["open"] = p.IsOpen,
                })]),
            }));
    }
}

/// <summary>Input of mcp.refresh.</summary>
/// <param name="Server">As the profile names it below mcp.servers.</param>
public sealed record McpRefreshInput(
    [property: Required, StringLength(IdRule.LengthMax, MinimumLength = 1)] string Server);
