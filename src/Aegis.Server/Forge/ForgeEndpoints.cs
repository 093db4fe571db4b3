using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Forge;

/// <summary>The doors of the local forge: GitHub's REST subset under <c>/forge</c>, git's smart HTTP under
/// <c>/git</c>. The route's <c>project</c> is what GitHub calls the owner; it also chooses the project of a
/// tenant-wide key.</summary>
public static class ForgeEndpoints
{
    private const string Rest = "/forge/repos/{project}/{repo}";
    private const string Git = "/git/{project}/{repo}.git";
    private const string Github = "GitHub's REST API, by GitHub's own OpenAPI document; docs/forge.md";
    private const string SmartGit = "git's smart HTTP, by gitprotocol-http";

    public static string ClonePath(string project, string repo) => $"/git/{project}/{repo}.git";

    internal static void MapForge(this IEndpointRouteBuilder routes, ForgeDoors doors)
    {
        var (pulls, comments, repos) = (doors.Pulls, doors.Comments, doors.Repositories);
        void Read(string path, Func<ForgeRequestScope, Task> serve) =>
            routes.MapGet(Rest + path, http => doors.ScopedAsync(http, serve)).RequireScope(Scopes.RepoRead)
                .IsDescribedElsewhere(Github);
        // a page of one thing
        void ReadOne(string path, Func<ForgeRequestScope, Task> serve) =>
            Tagged("GET", path, serve, Scopes.RepoRead);
        void Edit(string path, Func<ForgeRequestScope, Task> serve) =>
            Tagged("PATCH", path, serve, Scopes.RepoWrite);
        void Tagged(string method, string path, Func<ForgeRequestScope, Task> serve, string scope) =>
            routes.MapMethods(Rest + path, [method], http => doors.ScopedAsync(http, serve))
                .RequireScope(scope).WithEntityTag().IsDescribedElsewhere(Github);
        void Write(string method, string path, Func<ForgeRequestScope, Task> serve) =>
            routes.MapMethods(Rest + path, [method], http => doors.ScopedAsync(http, serve))
                .RequireScope(Scopes.RepoWrite).IsDescribedElsewhere(Github);

        ReadOne("", repos.GetAsync);
        Read("/branches", repos.BranchesAsync);
        ReadOne("/branches/{**branch}", repos.BranchAsync);
        Read("/pulls", pulls.ListAsync);
        ReadOne("/pulls/{number}", pulls.GetAsync);
        Read("/pulls/{number}/merge", pulls.IsMergedAsync);
        Read("/issues/{number}/comments", comments.ListAsync);
        Write("POST", "/pulls", pulls.CreateAsync);
        Edit("/pulls/{number}", pulls.EditAsync);
        Write("PUT", "/pulls/{number}/merge", pulls.MergeAsync);
        Write("POST", "/issues/{number}/comments", comments.CreateAsync);

        Read("/commits/{**commit}", doors.Commits.GetAsync);
        Write("POST", "/statuses/{sha}", doors.Statuses.CreateAsync);
        Write("POST", "/check-runs", doors.Checks.CreateAsync);
        ReadOne("/check-runs/{check}", doors.Checks.GetAsync);
        Edit("/check-runs/{check}", doors.Checks.EditAsync);
        Read("/check-runs/{check}/annotations", doors.Checks.AnnotationsAsync);

        // a push begins here, too: the service asked for is judged inside
        routes.MapGet(Git + "/info/refs", doors.Http.InfoRefsAsync).RequireScope(Scopes.RepoRead)
            .IsDescribedElsewhere(SmartGit);
        routes.MapPost(Git + "/git-upload-pack", doors.Http.UploadPackAsync).RequireScope(Scopes.RepoRead)
            .WithMetadata(new BodySize(SmartHttp.FetchBytesMax)).IsDescribedElsewhere(SmartGit);
        routes.MapPost(Git + "/git-receive-pack", doors.Http.ReceivePackAsync).RequireScope(Scopes.RepoWrite)
            .WithMetadata(new BodySize(SmartHttp.PushBytesMax)).IsDescribedElsewhere(SmartGit);
    }
}

/// <summary>What serves the forge's doors.</summary>
internal sealed record ForgeDoors(ForgeRepositories Store, RepositoryApi Repositories, PullApi Pulls,
    CommentApi Comments, CommitApi Commits, StatusApi Statuses, CheckApi Checks, SmartHttp Http)
{
    public Task ScopedAsync(HttpContext http, Func<ForgeRequestScope, Task> serve) =>
        ForgeRequestScope.Of(http, Store) is { } scope ? serve(scope) : ForgeReplies.NotFoundAsync(http);
}
