using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Aegis.Core.Agents;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate;

namespace Aegis.Agents.Loop;

/// <summary>The tools of one agent in one run: those of its list that are there, that the run's holder may
/// call, and that an agent may have at all. Towards a model a name has <c>__</c> for each dot.</summary>
internal sealed class OfferedTools
{
    private readonly FrozenDictionary<string, Tool> bySaid;

    private OfferedTools(IReadOnlyList<Tool> tools)
    {
        All = tools;
        bySaid = tools.ToFrozenDictionary(t => Said(t.Descriptor.Name), StringComparer.Ordinal);
        Names = [.. tools.Select(t => t.Descriptor.Name)];
    }

    public IReadOnlyList<Tool> All { get; }

    public ImmutableHashSet<string> Names { get; }

    public static async ValueTask<OfferedTools> OfAsync(
        AgentDefinition agent, Execution execution, CancellationToken cancel)
    {
        var tools = await execution.OfferedAsync(
            name => ToolsAllowed.Entry(agent.Tools, name) is not null, cancel);
        var fit = tools.Where(t => t.Descriptor.IsForAgents && t.Closed is null).ToList();
        foreach (var same in fit.GroupBy(t => Said(t.Descriptor.Name)).Where(g => g.Count() > 1))
        {
            throw new AegisException(AgentErrors.SameName(
                same.First().Descriptor.Name, same.Last().Descriptor.Name));
        }
        return new OfferedTools(fit);
    }

    /// <summary>Models often write the dot after all.</summary>
    public Tool? Find(string said) => bySaid.GetValueOrDefault(said) ?? bySaid.GetValueOrDefault(Said(said));

    public JsonArray Schemas() => [.. All.Select(t => (JsonNode)new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = Said(t.Descriptor.Name),
            ["description"] = t.Descriptor.Description,
            ["parameters"] = JsonNode.Parse(t.Schema.GetRawText()),
        },
    })];

    public string Words() => All.Count == 0 ? "You have none: answer at once."
        : string.Join('\n', All.Select(t => $"- `{Said(t.Descriptor.Name)}`: {t.Descriptor.Description}"));

    public static string Said(string name) => name.Replace(".", "__", StringComparison.Ordinal);
}
