using System.Text.Json.Nodes;
using Aegis.Ledger.Forge;

namespace Aegis.Server.Forge;

/// <summary>Objects as GitHub's REST shows them, with the members that its clients read.</summary>
internal static class ForgeShapes
{
    private static readonly string[] Pages =
    [
        "avatar_url", "events_url", "followers_url", "following_url", "gists_url", "html_url",
        "organizations_url", "received_events_url", "repos_url", "starred_url", "subscriptions_url", "url",
    ];

    public static JsonObject Branch(ForgeRequestScope scope, BranchTip tip) => new()
    {
        ["name"] = tip.Name,
        ["commit"] = new JsonObject { ["sha"] = tip.Sha, ["url"] = $"{scope.Address}/commits/{tip.Sha}" },
        ["protected"] = false,
    };

    /// <summary>A pull request as lists show it.</summary>
    public static JsonObject Pull(ForgeRequestScope scope, PullRequest pull, string defaultBranch)
    {
        var address = $"{scope.Address}/pulls/{pull.Number}";
        return new JsonObject
        {
            ["id"] = pull.Id,
            ["node_id"] = NodeId("PullRequest", pull.Id),
            ["number"] = pull.Number,
            ["state"] = pull.State,
            ["locked"] = false,
            ["title"] = pull.Title,
            ["user"] = User(scope, pull.CreatedBy, "User"),
            ["body"] = pull.Body.Length == 0 ? null : pull.Body,
            ["created_at"] = Time(pull.CreatedAt),
            ["updated_at"] = Time(pull.UpdatedAt),
            ["closed_at"] = Time(pull.ClosedAt),
            ["merged_at"] = Time(pull.MergedAt),
            ["merge_commit_sha"] = pull.MergeSha,
            ["draft"] = pull.Draft,
            ["assignee"] = null,
            ["assignees"] = new JsonArray(),
            ["requested_reviewers"] = new JsonArray(),
            ["requested_teams"] = new JsonArray(),
            ["labels"] = new JsonArray(),
            ["milestone"] = null,
            ["author_association"] = "MEMBER",
            ["auto_merge"] = null,
            ["head"] = End(scope, pull.Head, pull.HeadSha, defaultBranch),
            ["base"] = End(scope, pull.Base, pull.BaseSha, defaultBranch),
            ["url"] = address,
            ["html_url"] = address,
            ["issue_url"] = $"{scope.Address}/issues/{pull.Number}",
            ["comments_url"] = $"{scope.Address}/issues/{pull.Number}/comments",
            ["commits_url"] = address + "/commits",
            ["diff_url"] = address + ".diff",
            ["patch_url"] = address + ".patch",
            ["review_comments_url"] = address + "/comments",
            ["review_comment_url"] = $"{scope.Address}/pulls/comments{{/number}}",
            ["statuses_url"] = $"{scope.Address}/statuses/{pull.HeadSha}",
            ["_links"] = new JsonObject
            {
                ["self"] = Link(address),
                ["html"] = Link(address),
                ["issue"] = Link($"{scope.Address}/issues/{pull.Number}"),
                ["comments"] = Link($"{scope.Address}/issues/{pull.Number}/comments"),
                ["review_comments"] = Link(address + "/comments"),
                ["review_comment"] = Link($"{scope.Address}/pulls/comments{{/number}}"),
                ["commits"] = Link(address + "/commits"),
                ["statuses"] = Link($"{scope.Address}/statuses/{pull.HeadSha}"),
            },
        };
    }

    /// <summary>A pull request by itself: what git says of it is added.</summary>
    public static JsonObject FullPull(
        ForgeRequestScope scope, PullRequest pull, string defaultBranch, PullFacts facts,
        int comments)
    {
        var json = Pull(scope, pull, defaultBranch);
        json["merged"] = pull.MergedAt is not null;
        json["merged_by"] = pull.MergedBy is { } by ? User(scope, by, "User") : null;
        json["mergeable"] = facts.Mergeable;
        json["mergeable_state"] =
            facts.Mergeable switch { true => "clean", false => "dirty", null => "unknown" };
        json["rebaseable"] = false;
        json["maintainer_can_modify"] = false;
        json["comments"] = comments;
        json["review_comments"] = 0;
        json["commits"] = facts.Commits;
        json["additions"] = facts.Additions;
        json["deletions"] = facts.Deletions;
        json["changed_files"] = facts.Files;
        return json;
    }

    public static JsonObject Comment(ForgeRequestScope scope, int number, PullRequestComment comment)
    {
        var issue = $"{scope.Address}/issues/{number}";
        return new JsonObject
        {
            ["id"] = comment.Id,
            ["node_id"] = NodeId("IssueComment", comment.Id),
            ["url"] = $"{issue}/comments#{comment.Id}",
            ["html_url"] = $"{issue}/comments#{comment.Id}",
            ["issue_url"] = issue,
            ["body"] = comment.Body,
            ["user"] = User(scope, comment.CreatedBy, "User"),
            ["created_at"] = Time(comment.CreatedAt),
            ["updated_at"] = Time(comment.CreatedAt),
            ["author_association"] = "MEMBER",
        };
    }

    public static string CloneUrl(ForgeRequestScope scope) =>
        $"{scope.Http.Request.Scheme}://{scope.Http.Request.Host}"
        + ForgeEndpoints.ClonePath(scope.Tenancy.Project, scope.Repo);

    private static JsonObject End(ForgeRequestScope scope, string branch, string sha, string defaultBranch) =>
        new()
    {
        ["label"] = $"{scope.Tenancy.Project}:{branch}",
        ["ref"] = branch,
        ["sha"] = sha,
        ["user"] = User(scope, scope.Tenancy.Project, "Organization"),
        ["repo"] = RepositoryShape.Of(scope, defaultBranch),
    };

    /// <summary>Who did something; the forge has no page of anybody, so each address is its own.</summary>
    public static JsonObject User(ForgeRequestScope scope, string login, string type)
    {
        var id = StableId(login);
        var json = new JsonObject
        {
            ["login"] = login,
            ["id"] = id,
            ["node_id"] = NodeId(type, id),
            ["type"] = type,
            ["site_admin"] = false,
            ["gravatar_id"] = "",
        };
        var address = $"{scope.Http.Request.Scheme}://{scope.Http.Request.Host}/forge/users/"
            + Uri.EscapeDataString(login);
        foreach (var name in Pages)
        {
            json[name] = address;
        }
        return json;
    }

    public static string NodeId(string type, long id) =>
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{type}:{id}"));

    private static JsonObject Link(string address) => new() { ["href"] = address };

    public static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    // clients want numbers; ours are text, so the number is a hash of it that every server makes alike
    public static long StableId(string text) =>
        System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))) >>> 12;
}

/// <summary>What git says of a pull request's two commits.</summary>
/// <param name="Mergeable">Null where nobody asks: a closed one.</param>
internal sealed record PullFacts(bool? Mergeable, int Commits, int Files, int Additions, int Deletions);
