using System.Globalization;
using System.Text.Json.Nodes;
using Aegis.Ledger.Forge;
using Aegis.Server.Conditions;

namespace Aegis.Server.Forge;

/// <summary>Check runs of GitHub's REST.</summary>
internal sealed class CheckApi(CommitNames commits, CommitReports reports, TimeProvider time)
{
    private const string Resource = "CheckRun";

    public async Task CreateAsync(ForgeRequestScope scope)
    {
        if (await ForgeBody.ReadAsync(scope.Http, Resource) is not { } body)
        {
            return;
        }
        if (!body.TryText("head_sha", null, 40, out var named, out var wrong)
            || !CheckRunRequest.TryRead(body, null, time.GetUtcNow(), out var request, out wrong))
        {
            await ForgeReplies.InvalidAsync(scope.Http, wrong!);
            return;
        }
        if (await commits.CheckedAsync(scope, named) is not { } sha)
        {
            return;
        }
        var made = await reports.AddAsync(scope.Keys, scope.Repo, request!.Check with { Sha = sha },
            request.Annotations.ToJsonString(), scope.Actor, scope.Cancel);
        await (made is null
            ? ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, null, "custom",
                $"a commit has at most {CommitReports.ChecksMax} check runs"))
            : ForgeReplies.WriteAsync(scope.Http, 201, CheckShapes.Check(scope, made)));
    }

    public async Task GetAsync(ForgeRequestScope scope)
    {
        if (await FindAsync(scope) is { } check)
        {
            await ForgeReplies.WriteAsync(scope.Http, 200, CheckShapes.Check(scope, check));
        }
    }

    public async Task EditAsync(ForgeRequestScope scope)
    {
        if (await ForgeBody.ReadAsync(scope.Http, Resource) is not { } body
            || await FindAsync(scope) is not { } check)
        {
            return;
        }
        // here and once more under the lock: the change is made upon what was just read
        var condition = scope.Http.Conditions().On<CheckRun>(
            c => EntityTag.Of(ForgeReplies.Bytes(CheckShapes.Check(scope, c))));
        condition?.Invoke(check);
        if (!CheckRunRequest.TryRead(body, check, time.GetUtcNow(), out var request, out var wrong))
        {
            await ForgeReplies.InvalidAsync(scope.Http, wrong!);
            return;
        }
        var changed = await reports.ChangeAsync(scope.Keys, scope.Repo, request!.Check,
            request.Annotations.ToJsonString(), scope.Cancel, condition);
        await (changed is null
            ? ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, "annotations", "custom",
                $"a check run has at most {CommitReports.AnnotationsMax} annotations"))
            : ForgeReplies.WriteAsync(scope.Http, 200, CheckShapes.Check(scope, changed)));
    }

    public async Task ListAsync(ForgeRequestScope scope, string sha, ForgePage page)
    {
        var query = scope.Http.Request.Query;
        var filter = query["filter"].FirstOrDefault() ?? "latest";
        var status = query["status"].FirstOrDefault();
        if (filter is not ("latest" or "all") || !(status is null || CheckRunRequest.IsStatus(status)))
        {
            await ForgeReplies.InvalidAsync(scope.Http,
                new FieldError(Resource, filter is "latest" or "all" ? "status" : "filter", "invalid"));
            return;
        }
        var found = await reports.ChecksAsync(scope.Keys, scope.Repo, sha,
            new CheckFilter(query["check_name"].FirstOrDefault(), status, filter == "all"), page.Number,
            page.Size, scope.Cancel);
        ForgePage.Link(scope.Http, page, (long)page.Number * page.Size < found.Total);
        await ForgeReplies.WriteAsync(scope.Http, 200, new JsonObject
        {
            ["total_count"] = found.Total,
            ["check_runs"] = new JsonArray([.. found.Checks.Select(c => CheckShapes.Check(scope, c))]),
        });
    }

    public async Task AnnotationsAsync(ForgeRequestScope scope)
    {
        if (!ForgePage.TryRead(scope.Http, out var page))
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, "page", "invalid"));
            return;
        }
        if (await FindAsync(scope) is not { } check)
        {
            return;
        }
        var found = await reports.AnnotationsAsync(scope.Keys, scope.Repo, check.Id, page.Number, page.Size,
            scope.Cancel);
        ForgePage.Link(scope.Http, page, (long)page.Number * page.Size < check.Annotations);
        await ForgeReplies.WriteAsync(scope.Http, 200,
            new JsonArray([.. found.Select(a => CheckShapes.Annotation(scope, check, JsonNode.Parse(a)!))]));
    }

    private async Task<CheckRun?> FindAsync(ForgeRequestScope scope)
    {
        var check = long.TryParse((string)scope.Http.Request.RouteValues["check"]!, NumberStyles.None,
            CultureInfo.InvariantCulture, out var id)
            ? await reports.FindAsync(scope.Keys, scope.Repo, id, scope.Cancel) : null;
        if (check is null)
        {
            await ForgeReplies.NotFoundAsync(scope.Http);
        }
        return check;
    }
}
