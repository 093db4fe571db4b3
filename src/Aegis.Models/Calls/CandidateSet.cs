using System.Collections.Frozen;
using System.Collections.Immutable;
using Aegis.Core.Routing;

namespace Aegis.Models.Calls;

/// <summary>The models that may answer to a name, made once for each profile and catalogue.</summary>
/// <param name="IsScored">Whether the best one is chosen by its score; else they are asked in their
/// order.</param>
/// <param name="TaskType">What calls of this name are for, where they do not say.</param>
internal sealed record CandidateSet(ImmutableArray<RouteCandidate> Candidates,
    FrozenDictionary<ModelKey, ModelRoute> Routes, bool IsScored, string TaskType)
{
    public const string General = "general";

    public bool LocalOnly { get; init; }

    /// <summary>As they are named.</summary>
    public ImmutableArray<ModelRoute> InOrder { get; } = [.. Candidates.Select(c => Routes[c.Key])];
}
