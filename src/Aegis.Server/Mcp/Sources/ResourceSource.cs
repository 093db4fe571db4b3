using System.Runtime.CompilerServices;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp.Sources;

/// <summary>Whose resources are asked for.</summary>
/// <param name="Token">The key itself, which a long look asks again.</param>
public sealed record SourceCaller(Principal Principal, TenancyKeys Keys, string? Token);

/// <summary>Resources of one kind, behind one scope.</summary>
public abstract class ResourceSource
{
    /// <summary>What a key must hold to list and read them.</summary>
    public abstract string Scope { get; }

    /// <summary>The addresses it makes, with placeholders.</summary>
    public abstract IReadOnlyList<ResourceTemplate> Templates { get; }

    /// <summary>The newest, up to a number.</summary>
    public abstract ValueTask<IReadOnlyList<Resource>> ListAsync(
        SourceCaller caller, int limit, CancellationToken cancel);

    /// <summary>Values that a placeholder of the template may take, and that begin so.</summary>
    public virtual ValueTask<IReadOnlyList<string>> CompleteAsync(
        SourceCaller caller, string template, string argument, string begun, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Yields whenever what stands at the address may have changed; ends with it, and at once where
    /// it never changes.</summary>
    public virtual async IAsyncEnumerable<int> ChangesAsync(
        SourceCaller caller, string uri, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        yield break;
    }

    /// <summary>Null where the address is none of its own, or nothing stands there.</summary>
    public abstract ValueTask<ResourceContents?> ReadAsync(
        SourceCaller caller, string uri, CancellationToken cancel);
}
