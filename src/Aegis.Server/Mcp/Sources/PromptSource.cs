using System.Text.Json;
using Aegis.Gate.Peers;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp.Sources;

/// <summary>Prompts of one kind, behind one scope.</summary>
public abstract class PromptSource
{
    /// <summary>What a key must hold to list and get them.</summary>
    public abstract string Scope { get; }

    public abstract ValueTask<IReadOnlyList<Prompt>> ListAsync(
        SourceCaller caller, int limit, CancellationToken cancel);

    /// <summary>Values that an argument of the prompt may take, and that begin so.</summary>
    public virtual ValueTask<IReadOnlyList<string>> CompleteAsync(
        SourceCaller caller, string prompt, string argument, string begun, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Null where it has none of that name.</summary>
    public abstract ValueTask<GetPromptResult?> GetAsync(SourceCaller caller, string name,
        IReadOnlyDictionary<string, JsonElement> arguments, CallPeer peer, CancellationToken cancel);
}
