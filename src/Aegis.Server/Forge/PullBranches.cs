using System.Collections.Immutable;
using Aegis.Ledger.Forge;
using Aegis.Ledger.Tenants;

namespace Aegis.Server.Forge;

/// <summary>Keeps pull requests and branches of a repository in step.
/// <para>An open pull request's <c>refs/pull/N/head</c> is a symbolic ref to its head branch, so that every
/// push moves it, by whatever way it comes; on closing it becomes a plain ref and keeps the commits alive.
/// The rows are brought up to date when someone looks, and after a push by the door: a push by a tool needs
/// no message to here, and none can be lost in a crash.</para></summary>
internal sealed class PullBranches(ForgeRepositories repositories, GitProcess git, PullRequests pulls,
    TimeProvider time)
{
    /// <summary>Open pull requests of one repository.</summary>
    public const int OpenMax = 500;

    public static string RefOf(int number) => $"refs/pull/{number}/head";

    /// <summary>Looks at the branches of every open pull request; returns the branches.</summary>
    public async Task<ImmutableArray<BranchTip>> LookAsync(TenancyKeys keys, string repo, string path,
        CancellationToken cancel)
    {
        var branches = await repositories.BranchesAsync(path, cancel);
        var open = await pulls.ListAsync(
            keys, repo, new PullRequestFilter(PullRequest.Open, null, null), 1, OpenMax,
            cancel);
        foreach (var pull in open)
        {
            await LookAtAsync(keys, path, pull, TipOf(branches, pull.Head), TipOf(branches, pull.Base),
                cancel);
        }
        return branches;
    }

    public static string? TipOf(ImmutableArray<BranchTip> branches, string name) =>
        branches.FirstOrDefault(b => b.Name == name)?.Sha;

    /// <summary>Lets the pull request's ref follow its branch.</summary>
    public Task FollowAsync(string path, PullRequest pull, CancellationToken cancel) =>
        git.MustAsync(path, cancel, "symbolic-ref", RefOf(pull.Number), $"refs/heads/{pull.Head}");

    /// <summary>Fixes the pull request's ref at the commit it has.</summary>
    public Task FixAsync(string path, PullRequest pull, CancellationToken cancel) =>
        git.MustAsync(path, cancel, "update-ref", "--no-deref", RefOf(pull.Number), pull.HeadSha);

    public async Task<bool> IsAncestorAsync(string path, string sha, string of, CancellationToken cancel) =>
        (await git.OnAsync(path, cancel, "merge-base", "--is-ancestor", sha, of)).Ok;

    private async Task LookAtAsync(
        TenancyKeys keys, string path, PullRequest pull, string? head, string? target,
        CancellationToken cancel)
    {
        if (head is null || target is null)
        {
            // a branch is gone: what was there stays readable under the pull request's ref
            await FixAsync(path, pull, cancel);
            await pulls.EditAsync(keys, pull with { State = PullRequest.Closed }, time.GetUtcNow(), cancel);
            return;
        }
        if (head == pull.HeadSha && target == pull.BaseSha)
        {
            return;
        }
        var seen = pull with { HeadSha = head, BaseSha = target };
        if (target != pull.BaseSha && await IsAncestorAsync(path, head, target, cancel))
        {
            // pushed into its base by hand, or merged by a server that died before it could say so
            await FixAsync(path, seen, cancel);
            await pulls.SeeAsync(keys, seen, time.GetUtcNow(), cancel);
            await pulls.MergedAsync(keys, pull.Repo, pull.Number, target, "git", time.GetUtcNow(), cancel);
            return;
        }
        await pulls.SeeAsync(keys, seen, time.GetUtcNow(), cancel);
    }
}
