using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Sandbox;

namespace Aegis.Engine.Pump;

/// <summary>Port: overlays of attempts. The sandbox fills it; the bench runs without one.</summary>
public interface IAttemptWorkspaces
{
    ValueTask<AttemptWorkspace> OpenAsync(string runId, ImmutableArray<string> layers, string stepId, int attempt,
        CancellationToken cancel);

    /// <summary>The sealed layer's id, or null where the attempt changed nothing.</summary>
    ValueTask<string?> SealAsync(AttemptWorkspace workspace, CancellationToken cancel);

    ValueTask DiscardAsync(AttemptWorkspace workspace, CancellationToken cancel);

    /// <summary>Everything of a run that has ended.</summary>
    ValueTask DeleteRunAsync(string runId, CancellationToken cancel);
}

/// <summary>Port: the project's bare repositories; the forge fills it.</summary>
public interface IRunRepositories
{
    RunRepository Find(Tenancy tenancy, RepositoryRef named);

    /// <summary>Resolves a branch (or the default one) to a commit. Throws AegisException where there is none.</summary>
    ValueTask<RepositoryRef> ResolveAsync(Tenancy tenancy, string name, string? reference, CancellationToken cancel);
}
