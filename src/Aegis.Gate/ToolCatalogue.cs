using System.Collections.Frozen;
using Aegis.Core;
using Aegis.Core.Federation;
using Aegis.Gate.Federation;

namespace Aegis.Gate;

/// <summary>The tools of a node, by name, and beside them those of each project's outside servers.</summary>
/// <param name="outside">Null where there are none: a bench of pure tools.</param>
public sealed class ToolCatalogue(IEnumerable<Tool> tools, FederatedTools? outside = null)
{
    private readonly FrozenDictionary<string, Tool> tools =
        tools.ToFrozenDictionary(t => t.Descriptor.Name, StringComparer.Ordinal);

    /// <summary>The node's own.</summary>
    public IReadOnlyCollection<Tool> All => tools.Values;

    public IReadOnlyCollection<string> Names => tools.Keys;

    /// <summary>One of the node's own.</summary>
    public Tool? Find(string name) => tools.GetValueOrDefault(name);

    /// <summary>One of the node's own, or of the project's outside servers.</summary>
    public ValueTask<Tool?> FindAsync(Tenancy tenancy, string name, CancellationToken cancel) =>
        IsOutside(name) ? OutsideAsync(tenancy, name, cancel) : ValueTask.FromResult(Find(name));

    /// <summary>What an engine knows of a tool without asking anybody. Outside tools are alike to it: none
    /// runs inline or needs files; whether one may be called is for the gate to say, which looks it
    /// up.</summary>
    public Tool? Known(Tenancy tenancy, string name) =>
        IsOutside(name) ? outside!.Known(tenancy, name) ?? FederatedTool.StandIn(name) : Find(name);

    /// <summary>All that there are for a project, whoever asks.</summary>
    public async ValueTask<IReadOnlyCollection<Tool>> AllAsync(Tenancy tenancy, CancellationToken cancel) =>
        outside is not null && await outside.OfAsync(tenancy, cancel) is { Count: > 0 } more
            ? [.. tools.Values, .. more.Values]
            : All;

    /// <summary>A door has changed which outside tools of a project may be called.</summary>
    public void Forget(Tenancy tenancy) => outside?.Forget(tenancy);

    private bool IsOutside(string name) => outside is not null && McpToolName.TryRead(name, out _, out _);

    private async ValueTask<Tool?> OutsideAsync(Tenancy tenancy, string name, CancellationToken cancel) =>
        (await outside!.OfAsync(tenancy, cancel)).GetValueOrDefault(name);
}
