namespace Aegis.Server.Forge;

/// <summary>What is said of a commit: <c>/commits/REF/status</c>, <c>/statuses</c> and <c>/check-runs</c>. A
/// branch's name may hold slashes, so the route takes the rest whole and the last part says which.</summary>
internal sealed class CommitApi(CommitNames commits, StatusApi statuses, CheckApi checks)
{
    public async Task GetAsync(ForgeRequestScope scope)
    {
        var rest = (string?)scope.Http.Request.RouteValues["commit"] ?? "";
        var slash = rest.LastIndexOf('/');
        var what = slash <= 0 ? "" : rest[(slash + 1)..];
        Func<ForgeRequestScope, string, ForgePage, Task>? serve = what switch
        {
            "status" => statuses.CombinedAsync,
            "statuses" => statuses.ListAsync,
            "check-runs" => checks.ListAsync,
            _ => null,
        };
        if (serve is null)
        {
            await ForgeReplies.NotFoundAsync(scope.Http);
        }
        else if (!ForgePage.TryRead(scope.Http, out var page))
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError("Commit", "page", "invalid"));
        }
        else if (await commits.FindAsync(scope, rest[..slash]) is { } sha)
        {
            await serve(scope, sha, page);
        }
        else
        {
            await ForgeReplies.NotFoundAsync(scope.Http);
        }
    }
}
