using System.Collections.Immutable;
using Aegis.Sandbox;
using Aegis.Sandbox.Egress;

namespace Aegis.Gate;

/// <summary>What every call of a node is carried out with.</summary>
/// <param name="ScratchRoot">Private host folders of calls are made below it.</param>
/// <param name="Mounts">Read-only folders of every sandbox, such as a package cache.</param>
/// <param name="SandboxEnv">Environment of every sandbox; a task's own wins.</param>
/// <param name="ForgeAddress">The forge's REST address, known once the server listens.</param>
/// <param name="ForgeToken">A token for a tenancy, for the forge.</param>
/// <param name="Secrets">Values that must show nowhere: keys of models and forges.</param>
public sealed record ExecutionOptions(string ScratchRoot, ImmutableArray<ReadOnlyMount> Mounts,
    ImmutableSortedDictionary<string, string> SandboxEnv, SandboxLimits Limits, Func<Uri?> ForgeAddress,
    Func<Core.Tenancy, string> ForgeToken, ImmutableArray<string> Secrets)
{
    /// <summary>What sandboxed commands may ask of the egress proxy.</summary>
    public EgressLimits Egress { get; init; } = new();

    /// <summary>What the operator allows of outside forges.</summary>
    public ForgeRules Forges { get; init; } = ForgeRules.None;
}
