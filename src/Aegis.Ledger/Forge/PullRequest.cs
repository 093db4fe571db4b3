namespace Aegis.Ledger.Forge;

/// <summary>A pull request of the local forge.</summary>
/// <param name="Id">Unique over all repositories; Number counts in its own.</param>
/// <param name="State"><c>open</c> or <c>closed</c>; a merged one is closed with MergedAt.</param>
/// <param name="HeadSha">Where the head branch was when last looked at.</param>
public sealed record PullRequest(
    long Id, string Repo, int Number, string Title, string Body, string Head, string Base,
    string HeadSha, string BaseSha, string State, bool Draft, string? MergeSha, string? MergedBy,
        string CreatedBy,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ClosedAt, DateTimeOffset? MergedAt)
{
    public const string Open = "open";
    public const string Closed = "closed";

    public bool IsOpen => State == Open;
}

/// <summary>What a new pull request begins with.</summary>
public sealed record NewPullRequest(
    string Repo, string Title, string Body, string Head, string Base, string HeadSha,
    string BaseSha, bool Draft, string CreatedBy);

/// <summary>Which pull requests to list; null for any.</summary>
public sealed record PullRequestFilter(string? State, string? Head, string? Base, bool OldestFirst = false);

public sealed record PullRequestComment(long Id, string Body, string CreatedBy, DateTimeOffset CreatedAt);
