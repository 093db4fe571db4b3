using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Aegis.Ledger.Forge;

namespace Aegis.Server.Forge;

/// <summary>Statuses and check runs as GitHub's REST shows them.</summary>
internal static class CheckShapes
{
    public static JsonObject Status(ForgeRequestScope scope, CommitStatus status)
    {
        var json = SimpleStatus(scope, status);
        json["creator"] = ForgeShapes.User(scope, status.CreatedBy, "User");
        return json;
    }

    public static JsonObject Combined(ForgeRequestScope scope, string sha, string state,
        ImmutableArray<CommitStatus> shown, int total, string defaultBranch) => new()
    {
        ["state"] = state,
        ["sha"] = sha,
        ["total_count"] = total,
        ["statuses"] = new JsonArray([.. shown.Select(s => SimpleStatus(scope, s))]),
        ["repository"] = RepositoryShape.Of(scope, defaultBranch),
        ["commit_url"] = $"{scope.Address}/commits/{sha}",
        ["url"] = $"{scope.Address}/commits/{sha}/status",
    };

    public static JsonObject Check(ForgeRequestScope scope, CheckRun check)
    {
        var address = $"{scope.Address}/check-runs/{check.Id}";
        return new JsonObject
        {
            ["id"] = check.Id,
            ["node_id"] = ForgeShapes.NodeId("CheckRun", check.Id),
            ["head_sha"] = check.Sha,
            ["name"] = check.Name,
            ["external_id"] = check.ExternalId,
            ["url"] = address,
            ["html_url"] = address,
            ["details_url"] = check.DetailsUrl,
            ["status"] = check.Status,
            ["conclusion"] = check.Conclusion,
            ["started_at"] = ForgeShapes.Time(check.StartedAt),
            ["completed_at"] = ForgeShapes.Time(check.CompletedAt),
            ["output"] = new JsonObject
            {
                ["title"] = check.Title,
                ["summary"] = check.Summary,
                ["text"] = check.Text,
                ["annotations_count"] = check.Annotations,
                ["annotations_url"] = address + "/annotations",
            },
            ["check_suite"] = null,
            ["app"] = null,
            ["pull_requests"] = new JsonArray(),
        };
    }

    /// <summary>An annotation as it was given, with the members that it left out.</summary>
    public static JsonNode Annotation(ForgeRequestScope scope, CheckRun check, JsonNode given)
    {
        var json = given.AsObject();
        json["blob_href"] = $"{scope.Address}/blob/{check.Sha}/"
            + string.Join('/', json["path"]!.GetValue<string>().Split('/').Select(Uri.EscapeDataString));
        foreach (var name in (string[])["start_column", "end_column", "title", "raw_details"])
        {
            json.TryAdd(name, null);
        }
        return json;
    }

    private static JsonObject SimpleStatus(ForgeRequestScope scope, CommitStatus status) => new()
    {
        ["id"] = status.Id,
        ["node_id"] = ForgeShapes.NodeId("Status", status.Id),
        ["url"] = $"{scope.Address}/statuses/{status.Sha}",
        ["avatar_url"] = scope.Address,
        ["state"] = status.State,
        ["description"] = status.Description,
        ["target_url"] = status.TargetUrl,
        ["context"] = status.Context,
        ["created_at"] = ForgeShapes.Time(status.CreatedAt),
        ["updated_at"] = ForgeShapes.Time(status.CreatedAt),
    };
}
