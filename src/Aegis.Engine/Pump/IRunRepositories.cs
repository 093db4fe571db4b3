using Aegis.Core;
using Aegis.Core.Runs.Events;
using Aegis.Gate;

namespace Aegis.Engine.Pump;

/// <summary>Port: the project's bare repositories; the forge fills it.</summary>
public interface IRunRepositories
{
    RunRepository Find(Tenancy tenancy, RepositoryRef named);

    /// <summary>Resolves a branch (or the default one) or a sha to a commit. Throws AegisException where
    /// there is none.</summary>
    /// <param name="branch">Of several branches that hold a sha, the one that is meant.</param>
    ValueTask<RepositoryRef> ResolveAsync(
        Tenancy tenancy, string name, string? reference, string? branch, CancellationToken cancel);
}
