using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Git;

namespace Aegis.Tools.Forge;

/// <summary>Which commit a status or check is about.</summary>
internal static class Commit
{
    /// <summary>The named one, or the one that the run was started at.</summary>
    public static string? Of(Execution execution, string? sha, out AegisError? error)
    {
        sha ??= execution.Context.Repository?.Sha;
        error = sha is null ? BareRepository.NoneError() : null;
        return sha;
    }
}
