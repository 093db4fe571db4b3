using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Aegis.Ledger.Forge;

namespace Aegis.Server.Forge;

/// <summary>Commit statuses of GitHub's REST.</summary>
internal sealed class StatusApi(CommitNames commits, CommitReports reports, ForgeRepositories repositories,
    TimeProvider time)
{
    public const int ContextCharsMax = 255;
    public const int DescriptionCharsMax = 140;
    public const int UrlCharsMax = 2_048;
    private const string Resource = "Status";

    public async Task CreateAsync(ForgeRequestScope scope)
    {
        if (await ForgeBody.ReadAsync(scope.Http, Resource) is not { } body)
        {
            return;
        }
        if (await commits.OfRouteAsync(scope) is not { } sha)
        {
            return;
        }
        if (!TryRead(body, out var wanted, out var wrong))
        {
            await ForgeReplies.InvalidAsync(scope.Http, wrong!);
            return;
        }
        var made = await reports.AddAsync(scope.Keys, scope.Repo,
            wanted! with { Sha = sha, CreatedBy = scope.Actor, CreatedAt = time.GetUtcNow() }, scope.Cancel);
        await (made is null
            ? ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, null, "custom",
                "This SHA and context has reached the maximum number of statuses."))
            : ForgeReplies.WriteAsync(scope.Http, 201, CheckShapes.Status(scope, made)));
    }

    public async Task ListAsync(ForgeRequestScope scope, string sha, ForgePage page)
    {
        var found = await reports.StatusesAsync(scope.Keys, scope.Repo, sha, page.Number, page.Size,
            scope.Cancel);
        ForgePage.Link(scope.Http, page, found.Length == page.Size);
        await ForgeReplies.WriteAsync(scope.Http, 200,
            new JsonArray([.. found.Select(s => CheckShapes.Status(scope, s))]));
    }

    public async Task CombinedAsync(ForgeRequestScope scope, string sha, ForgePage page)
    {
        var all = await reports.NewestAsync(scope.Keys, scope.Repo, sha, scope.Cancel);
        var shown = all.Skip((int)Math.Min((long)(page.Number - 1) * page.Size, int.MaxValue))
            .Take(page.Size).ToImmutableArray();
        ForgePage.Link(scope.Http, page, (long)page.Number * page.Size < all.Length);
        var byDefault = await repositories.DefaultBranchAsync(scope.Path, scope.Cancel);
        await ForgeReplies.WriteAsync(scope.Http, 200,
            CheckShapes.Combined(scope, sha, StateOf(all), shown, all.Length, byDefault));
    }

    // GitHub's rule: no status is pending
    private static string StateOf(ImmutableArray<CommitStatus> all) =>
        all.Any(s => s.State is "error" or "failure") ? "failure"
        : all.IsEmpty || all.Any(s => s.State == "pending") ? "pending" : "success";

    private static bool TryRead(ForgeBody body, out CommitStatus? wanted, out FieldError? wrong)
    {
        wanted = null;
        if (!body.TryText("state", null, 20, out var state, out wrong)
            || !body.TryText("context", "default", ContextCharsMax, out var context, out wrong)
            || !body.TryText("description", null, DescriptionCharsMax, out var description, out wrong)
            || !body.TryText("target_url", null, UrlCharsMax, out var url, out wrong))
        {
            return false;
        }
        wrong = state is not ("error" or "failure" or "pending" or "success")
            ? new FieldError(Resource, "state", state is null ? "missing_field" : "invalid")
            : string.IsNullOrWhiteSpace(context) ? new FieldError(Resource, "context", "invalid")
            : IsLink(url) ? null : new FieldError(Resource, "target_url", "invalid");
        wanted = new CommitStatus(0, "", context!, state!, description, url, "", default);
        return wrong is null;
    }

    /// <summary>Nothing, or what a page may link to without running code.</summary>
    internal static bool IsLink(string? url) => string.IsNullOrEmpty(url)
        || (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is ("http" or "https"));
}
