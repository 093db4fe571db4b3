using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Git;

namespace Aegis.Tools.Forge;

/// <summary>What a call of repo.pr.create is about, the same each time it is asked: which branch goes
/// where.</summary>
/// <param name="Sha">The commit that the head branch is at, or will be after the push.</param>
/// <param name="MakesBranch">The head branch is not the work tree's: it is made at HEAD before the
/// push.</param>
/// <param name="Dirty">Changed files that are in no commit and so not in the pull request.</param>
internal sealed record PullRequestPlan(BareRepository Bare, string Path, string Head, string Base, string Sha,
    bool MakesBranch, int Dirty)
{
    public static async ValueTask<(PullRequestPlan? Plan, AegisError? Error)> MakeAsync(
        PullRequestCreateInput input,
        Execution execution, CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error)
            || BareRepository.Of(execution.Context, null, out error) is not { } bare
            || (error = CheckNames(input)) is not null)
        {
            return (null, error);
        }
        var target = input.Base ?? bare.DefaultBranch;
        if (!input.Push)
        {
            return await WithoutPushAsync(input, execution, bare, path, target, cancel);
        }
        (var tree, error) = await WorkTree.HeadAsync(execution, "repo.pr.create", path, input.Head, cancel);
        if (tree is null)
        {
            return (null, error);
        }
        var head = input.Head
            ?? (tree.Branch is { } own && own != target ? own : $"aegis/{execution.Context.Run}");
        error = head == target
            ? new AegisError("AEGIS2133", "head and base are the same branch", "two branches", head,
                "leave head out: a branch is made then")
            : null;
        return error is null
            ? (new PullRequestPlan(
            bare, path, head, target, tree.Sha, input.Head is null && head != tree.Branch,
                tree.Dirty), null)
            : (null, error);
    }

    private static async ValueTask<(PullRequestPlan? Plan, AegisError? Error)> WithoutPushAsync(
        PullRequestCreateInput input, Execution execution, BareRepository bare, string path, string target,
        CancellationToken cancel)
    {
        var head = input.Head ?? execution.Context.Repository!.Branch;
        var (found, error) = await Publication.ShaAsync(execution, bare, head, cancel);
        return found is { } sha
            ? (new PullRequestPlan(bare, path, head, target, sha, false, 0), null)
            : (null, error ?? new AegisError("AEGIS2134", $"the repository {bare.Name} has no branch {head}",
                "a branch that was pushed", null, "push it first, or leave push out"));
    }

    private static AegisError? CheckNames(PullRequestCreateInput input)
    {
        if (input.Base is { } target && !RefName.IsBranch(target))
        {
            return RefName.Refused("base", target);
        }
        return input.Head is { } head && !RefName.IsBranch(head) ? RefName.Refused("head", head) : null;
    }
}
