using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Aegis.Gate;
using Aegis.Gate.Search;

namespace Aegis.Tools.Flow;

/// <summary><c>tools.search</c>: tools that the caller may call, found by words, best first, with the schemas
/// of their inputs. For clients to whom the whole list is too long.</summary>
public sealed class ToolsSearch(Func<ToolCatalogue> catalogue) : Tool<ToolsSearchInput>
{
    public const int LimitMax = 50;
    private const int LimitDefault = 8;

    public override ToolDescriptor Descriptor { get; } = new("tools.search", "tools:flow", ToolEffect.Pure,
        "Finds tools by words, best first, with the schemas of their inputs.");

    protected override async ValueTask<ToolResult> InvokeAsync(ToolsSearchInput input, Execution execution,
        CancellationToken cancel)
    {
        var mine = await new ToolDesk(catalogue()).OfAsync(execution.Context.Principal, cancel);
        var found = ToolSearch.Rank(mine, input.Query, input.Limit ?? LimitDefault);
        var list = new JsonArray([.. found.Select(h => (JsonNode)new JsonObject
        {
            ["name"] = h.Tool.Descriptor.Name,
            ["description"] = h.Tool.Descriptor.Description,
            ["input_schema"] = JsonNode.Parse(h.Tool.Schema.GetRawText()),
        })]);
        var lines = found.Select(h => $"{h.Tool.Descriptor.Name}: {h.Tool.Descriptor.Description}");
        return new ToolResult(true, string.Join('\n', lines),
            System.Text.Json.JsonSerializer.SerializeToElement(new JsonObject { ["tools"] = list }));
    }
}

/// <summary>Input of tools.search.</summary>
/// <param name="Query">Words.</param>
/// <param name="Limit">How many at most; 8 unless said otherwise.</param>
public sealed record ToolsSearchInput(
    [property: Required, StringLength(ToolSearch.QueryCharsMax, MinimumLength = 1)] string Query,
    [property: Range(1, ToolsSearch.LimitMax)] int? Limit = null);
