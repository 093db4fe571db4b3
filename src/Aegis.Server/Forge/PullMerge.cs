using System.Text.RegularExpressions;
using Aegis.Ledger.Forge;

namespace Aegis.Server.Forge;

/// <summary>How an attempt to merge ended.</summary>
internal enum MergeOutcome
{
    Merged,
    Conflict,
    Moved,
}

/// <summary>Merges two commits of a bare repository without a work tree.</summary>
internal sealed partial class PullMerge(GitProcess git)
{
    public async Task<PullFacts> FactsAsync(string path, PullRequest pull, CancellationToken cancel)
    {
        var range = $"{pull.BaseSha}..{pull.HeadSha}";
        var commits = await git.OnAsync(path, cancel, "rev-list", "--count", range);
        var stat = await git.OnAsync(path, cancel, "diff", "--shortstat", "--no-ext-diff", "--no-textconv",
            $"{pull.BaseSha}...{pull.HeadSha}");
        bool? mergeable = pull.IsOpen
            ? await TreeAsync(path, pull, cancel) is not null
            : null;
        return new PullFacts(
            mergeable, int.TryParse(commits.Output.AsSpan().Trim(), out var count) ? count : 0,
            Number(FilesChanged(), stat.Output), Number(Insertions(), stat.Output),
                Number(Deletions(), stat.Output));
    }

    /// <summary>Moves the base branch to a merge of both, or to one commit with the head's whole
    /// change.</summary>
    public async Task<(MergeOutcome Outcome, string? Sha)> MergeAsync(
        string path, PullRequest pull, bool squash,
        string message, CancellationToken cancel)
    {
        if (await TreeAsync(path, pull, cancel) is not { } tree)
        {
            return (MergeOutcome.Conflict, null);
        }
        string[] parents = squash ? ["-p", pull.BaseSha] : ["-p", pull.BaseSha, "-p", pull.HeadSha];
        var sha = (await git.MustAsync(path, cancel, ["commit-tree", tree, .. parents, "-m", message]))
            .Trim();
        var moved = await git.OnAsync(path, cancel, "update-ref", "-m", $"aegis: merge #{pull.Number}",
            $"refs/heads/{pull.Base}", sha, pull.BaseSha);
        return moved.Ok ? (MergeOutcome.Merged, sha) : (MergeOutcome.Moved, null);
    }

    private async Task<string?> TreeAsync(string path, PullRequest pull, CancellationToken cancel)
    {
        var merged = await git.OnAsync(
            path, cancel, "merge-tree", "--write-tree", "--no-messages", "--name-only",
            pull.BaseSha, pull.HeadSha);
        return merged.Ok ? merged.Output.Split('\n')[0].Trim() : null;
    }

    private static int Number(Regex pattern, string text) =>
        pattern.Match(text) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan) : 0;

    [GeneratedRegex(@"(\d{1,9}) files? changed")]
    private static partial Regex FilesChanged();

    [GeneratedRegex(@"(\d{1,9}) insertion")]
    private static partial Regex Insertions();

    [GeneratedRegex(@"(\d{1,9}) deletion")]
    private static partial Regex Deletions();
}
