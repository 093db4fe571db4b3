using Aegis.Ledger.Forge;

namespace Aegis.Server.Forge;

/// <summary>The body of a merge.</summary>
/// <param name="Sha">The head must be this commit, where it is given.</param>
internal sealed record PullMergeRequest(bool Squash, string Message, string? Sha)
{
    public static bool TryRead(
        ForgeBody body, PullRequest pull, out PullMergeRequest? request, out FieldError? wrong)
    {
        request = null;
        if (!body.TryText("merge_method", "merge", 20, out var method, out wrong)
            || !body.TryText("commit_title", null, PullApi.TitleCharsMax, out var title, out wrong)
            || !body.TryText("commit_message", null, PullApi.BodyCharsMax, out var message, out wrong)
            || !body.TryText("sha", null, 40, out var sha, out wrong))
        {
            return false;
        }
        if (method is not ("merge" or "squash"))
        {
            wrong = new FieldError(
                "PullRequest", "merge_method", "invalid", "merge and squash are served here");
            return false;
        }
        var squash = method == "squash";
        title ??= squash ? $"{pull.Title} (#{pull.Number})"
            : $"Merge pull request #{pull.Number} from {pull.Head}";
        message ??= squash ? "" : pull.Title;
        request = new PullMergeRequest(squash, $"{title}\n\n{message}".TrimEnd() + "\n", sha);
        return true;
    }
}
