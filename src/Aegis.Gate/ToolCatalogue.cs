using System.Collections.Frozen;

namespace Aegis.Gate;

/// <summary>The tools of a node, by name.</summary>
public sealed class ToolCatalogue
{
    private readonly FrozenDictionary<string, Tool> tools;

    public ToolCatalogue(IEnumerable<Tool> tools) =>
        this.tools = tools.ToFrozenDictionary(t => t.Descriptor.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => tools.Keys;

    public IReadOnlyCollection<Tool> All => tools.Values;

    public Tool? Find(string name) => tools.GetValueOrDefault(name);
}
