using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Aegis.Server.Forge;

/// <summary>A repository as GitHub's REST shows it: every member that its description requires, so that a
/// client made from the description reads it.</summary>
internal static class RepositoryShape
{
    // what stands at GitHub behind the repository's own address, by the member's name
    private static readonly ImmutableArray<(string Member, string Path)> Addresses =
    [
        ("archive_url", "/{archive_format}{/ref}"), ("assignees_url", "/assignees{/user}"),
        ("blobs_url", "/git/blobs{/sha}"), ("branches_url", "/branches{/branch}"),
        ("collaborators_url", "/collaborators{/collaborator}"), ("comments_url", "/comments{/number}"),
        ("commits_url", "/commits{/sha}"), ("compare_url", "/compare/{base}...{head}"),
        ("contents_url", "/contents/{+path}"), ("contributors_url", "/contributors"),
        ("deployments_url", "/deployments"), ("downloads_url", "/downloads"), ("events_url", "/events"),
        ("forks_url", "/forks"), ("git_commits_url", "/git/commits{/sha}"),
        ("git_refs_url", "/git/refs{/sha}"),
        ("git_tags_url", "/git/tags{/sha}"), ("hooks_url", "/hooks"),
        ("issue_comment_url", "/issues/comments{/number}"), ("issue_events_url", "/issues/events{/number}"),
        ("issues_url", "/issues{/number}"), ("keys_url", "/keys{/key_id}"), ("labels_url", "/labels{/name}"),
        ("languages_url", "/languages"), ("merges_url", "/merges"),
        ("milestones_url", "/milestones{/number}"),
        ("notifications_url", "/notifications{?since,all,participating}"), ("pulls_url", "/pulls{/number}"),
        ("releases_url", "/releases{/id}"), ("stargazers_url", "/stargazers"),
        ("statuses_url", "/statuses/{sha}"), ("subscribers_url", "/subscribers"),
        ("subscription_url", "/subscription"), ("tags_url", "/tags"), ("teams_url", "/teams"),
        ("trees_url", "/git/trees{/sha}"),
    ];

    private static readonly ImmutableArray<string> Zeros =
    [
        "forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers",
        "watchers_count", "network_count", "subscribers_count",
    ];

    private static readonly ImmutableArray<string> Absent =
        ["has_downloads", "has_issues", "has_projects", "has_wiki", "has_pages", "has_discussions"];

    public static JsonObject Of(ForgeRequestScope scope, string defaultBranch)
    {
        var id = ForgeShapes.StableId($"{scope.Tenancy}/{scope.Repo}");
        var json = new JsonObject
        {
            ["id"] = id,
            ["node_id"] = ForgeShapes.NodeId("Repository", id),
            ["name"] = scope.Repo,
            ["full_name"] = $"{scope.Tenancy.Project}/{scope.Repo}",
            ["owner"] = ForgeShapes.User(scope, scope.Tenancy.Project, "Organization"),
            ["private"] = true,
            ["visibility"] = "private",
            ["fork"] = false,
            ["archived"] = false,
            ["disabled"] = false,
            ["description"] = null,
            ["homepage"] = null,
            ["language"] = null,
            ["license"] = null,
            ["mirror_url"] = null,
            ["html_url"] = scope.Address,
            ["url"] = scope.Address,
            ["default_branch"] = defaultBranch,
        };
        foreach (var member in (string[])["clone_url", "git_url", "ssh_url", "svn_url"])
        {
            json[member] = ForgeShapes.CloneUrl(scope);
        }
        foreach (var (member, path) in Addresses)
        {
            json[member] = scope.Address + path;
        }
        foreach (var member in Zeros)
        {
            json[member] = 0;
        }
        foreach (var member in Absent)
        {
            json[member] = false;
        }
        // the forge keeps no such times: the folder's own are as near as it gets
        var (created, written) = (Directory.GetCreationTimeUtc(scope.Path),
            Directory.GetLastWriteTimeUtc(scope.Path));
        (json["created_at"], json["updated_at"], json["pushed_at"]) = (ForgeShapes.Time(created),
            ForgeShapes.Time(written), ForgeShapes.Time(written));
        return json;
    }
}
