using System.Collections.Concurrent;
using System.Collections.Frozen;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Federation;
using Aegis.Core.Profiles;
using Aegis.Ledger.Federation;
using Aegis.Ledger.Tenants;

namespace Aegis.Gate.Federation;

/// <summary>The outside tools of each project: those that somebody approved, of servers that its newest
/// profile names. Looked up again when they are older than a key is believed, so that a change reaches every
/// node.</summary>
public sealed class FederatedTools(
    TenantDirectory tenants, ProfileStore profiles, McpToolTable table, TimeProvider time)
{
    public static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(5);

    /// <summary>Projects kept in memory.</summary>
    public const int KeptMax = 1_000;

    private readonly ConcurrentDictionary<Tenancy, Shelf> kept = new();

    /// <summary>By their whole names.</summary>
    public async ValueTask<FrozenDictionary<string, Tool>> OfAsync(Tenancy tenancy, CancellationToken cancel)
    {
        if (kept.TryGetValue(tenancy, out var shelf) && time.GetElapsedTime(shelf.At) < AgeMax)
        {
            return shelf.Tools;
        }
        var at = time.GetTimestamp();
        return kept.Keep(tenancy, new Shelf(at, await ReadAsync(tenancy, cancel)), KeptMax).Tools;
    }

    /// <summary>As far as they were looked up.</summary>
    public Tool? Known(Tenancy tenancy, string name) =>
        kept.TryGetValue(tenancy, out var shelf) ? shelf.Tools.GetValueOrDefault(name) : null;

    /// <summary>A door has changed what is approved, or the profile.</summary>
    public void Forget(Tenancy tenancy) => kept.TryRemove(tenancy, out _);

    private async Task<FrozenDictionary<string, Tool>> ReadAsync(Tenancy tenancy, CancellationToken cancel)
    {
        if (await tenants.ResolveAsync(tenancy, cancel) is not { } keys
            || await profiles.NewestAsync(keys, cancel) is not { } newest
            || ProfileParser.Parse(newest.Yaml, "profile.yaml").Value?.McpServers
                is not { IsEmpty: false } named)
        {
            return FrozenDictionary<string, Tool>.Empty;
        }
        var tools = new Dictionary<string, Tool>(StringComparer.Ordinal);
        foreach (var row in await table.ListAsync(keys, null, cancel))
        {
            if (named.TryGetValue(row.Pin.Server, out var server) && FederatedTool.Of(
                row.Pin, row.Approved ?? row.Seen, server.EffectOf(row.Pin.Tool)) is { } tool)
            {
                tools[tool.Descriptor.Name] = tool;
            }
        }
        return tools.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Shelf(long At, FrozenDictionary<string, Tool> Tools);
}
