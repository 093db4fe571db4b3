using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Git;

/// <summary>A branch where the run's pull requests are: in the bare repository, and at the outside forge
/// where the profile names one. The bare repository is always first: what leaves the sandbox is checked
/// there.</summary>
internal static class Publication
{
    public static async ValueTask<AegisError?> PushAsync(Execution execution, BareRepository bare,
        string path, BranchTarget target, bool force, CancellationToken cancel)
    {
        if (await BranchPush.RunAsync(execution, bare, path, target, force, cancel) is { } refused)
        {
            return refused;
        }
        return await RemoteAsync(execution, cancel) is { } remote
            ? await RemoteBranch.PushAsync(execution, bare, remote, target, force, cancel) : null;
    }

    public static async ValueTask<(string? Sha, AegisError? Error)> ShaAsync(Execution execution,
        BareRepository bare, string branch, CancellationToken cancel) =>
        await RemoteAsync(execution, cancel) is { } remote
            ? await RemoteBranch.ShaAsync(execution, bare, remote, branch, cancel)
            : (await bare.BranchAsync(execution, branch, cancel), null);

    private static async ValueTask<Uri?> RemoteAsync(Execution execution, CancellationToken cancel) =>
        (await execution.ForgePlaceAsync(cancel))?.Remote;
}
