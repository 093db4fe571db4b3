using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Gate.Federation.OAuth;
using Aegis.Gate.Http;
using Aegis.Ledger.Federation;
using Aegis.Ledger.Tenants;
using ModelContextProtocol.Protocol;

namespace Aegis.Gate.Federation;

/// <summary>What calls of outside tools need of the host.</summary>
/// <param name="Programs">A folder of the host with installed servers; null for none.</param>
public sealed record FederationParts(McpToolTable Table, TenantDirectory Tenants, FederatedTools Tools,
    PrivateHosts Hosts, string? Programs, OutsideTokens Tokens);

/// <summary>A call of an outside tool: 1. the server as the run's profile names it; 2. what it says of its
/// tools now; 3. only a tool that says what was approved is called.</summary>
internal static class FederatedCall
{
    public static async ValueTask<ToolResult> RunAsync(
        GateExecution execution, McpToolPin pin, JsonElement input, CancellationToken cancel)
    {
        var server = await execution.McpServerAsync(pin.Server, cancel);
        await using var session = await OutsideSession.OpenAsync(execution, server, cancel);
        var tools = await session.ListAsync(cancel);
        var told = tools.Find(t => t.GetProperty("name").ValueEquals(pin.Tool));
        if (told.ValueKind == JsonValueKind.Undefined)
        {
            await SeeAsync(execution, server.Name, tools, cancel);
            throw new AegisException(FederationErrors.Gone(pin.Server, pin.Tool));
        }
        if (McpToolPin.HashOf(told) is var hash && hash != pin.Approved)
        {
            await SeeAsync(execution, server.Name, tools, cancel);
            throw new AegisException(FederationErrors.NotApproved(pin with { Seen = hash }));
        }
        return Result(pin, await session.CallAsync(pin.Tool, input, execution.Peer, cancel));
    }

    /// <summary>Asks a server what tools it has, and writes that down.</summary>
    public static async ValueTask<IReadOnlyList<McpToolRow>> SurveyAsync(
        GateExecution execution, string name, CancellationToken cancel)
    {
        var server = await execution.McpServerAsync(name, cancel);
        await using var session = await OutsideSession.OpenAsync(execution, server, cancel);
        return await SeeAsync(execution, name, await session.ListAsync(cancel), cancel);
    }

    private static async ValueTask<IReadOnlyList<McpToolRow>> SeeAsync(GateExecution execution, string server,
        List<JsonElement> tools, CancellationToken cancel)
    {
        var (parts, tenancy) = (execution.Federation, execution.Context.Principal.Tenancy);
        var keys = await parts.Tenants.ResolveAsync(tenancy, cancel)
            ?? throw new InvariantViolationException($"project {tenancy} is gone");
        var seen = tools.Select(t => new SeenTool(t.GetProperty("name").GetString()!, McpToolPin.HashOf(t),
                Encoding.UTF8.GetBytes(t.GetRawText())))
            // a name that is none here, and one that comes twice, is left out
            .Where(t => McpToolName.Of(server, t.Name) is not null).DistinctBy(t => t.Name).ToList();
        await parts.Table.SeeAsync(keys, server, seen, cancel);
        parts.Tools.Forget(tenancy);
        return await parts.Table.ListAsync(keys, server, cancel);
    }

    private static ToolResult Result(McpToolPin pin, CallToolResult answer)
    {
        var text = string.Join('\n', answer.Content.OfType<TextContentBlock>().Select(b => b.Text));
        if (answer.IsError is true)
        {
            return ToolResult.Fail(new AegisError("AEGIS6227",
                $"mcp.{pin.Server}.{pin.Tool} failed: {text}", Mend: "correct the input as its words say"),
                text: text);
        }
        return new ToolResult(true, text, answer.StructuredContent)
        {
            Content = [.. answer.Content.Select(Part).OfType<ToolContent>().Take(ToolContent.PartsMax)],
        };
    }

    private static ToolContent? Part(ContentBlock block) => block switch
    {
        TextContentBlock e => new ToolContent.Words(e.Text),
        ImageContentBlock e => new ToolContent.Image(e.DecodedData, e.MimeType),
        AudioContentBlock e => new ToolContent.Audio(e.DecodedData, e.MimeType),
        EmbeddedResourceBlock { Resource: TextResourceContents e } =>
            new ToolContent.Document(e.Uri, e.MimeType ?? "text/plain", e.Text),
        ResourceLinkBlock e => new ToolContent.Link(e.Uri, e.Name, e.MimeType),
        _ => null,
    };
}
