using System.Text.Json.Nodes;
using Aegis.Ledger.Forge;

namespace Aegis.Server.Forge;

/// <summary>Comments on pull requests, under the issues' address as GitHub has them.</summary>
internal sealed class CommentApi(PullApi api, PullRequests pulls, TimeProvider time)
{
    private const string Resource = "IssueComment";

    public async Task ListAsync(ForgeRequestScope scope)
    {
        if (!ForgePage.TryRead(scope.Http, out var page))
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, "page", "invalid"));
            return;
        }
        if (await api.FindAsync(scope) is not { } pull)
        {
            return;
        }
        var found = await pulls.CommentsAsync(scope.Keys, scope.Repo, pull.Number, page.Number, page.Size,
            scope.Cancel);
        ForgePage.Link(scope.Http, page, found.Length == page.Size);
        await ForgeReplies.WriteAsync(scope.Http, 200,
            new JsonArray([.. found.Select(c => ForgeShapes.Comment(scope, pull.Number, c))]));
    }

    public async Task CreateAsync(ForgeRequestScope scope)
    {
        if (await ForgeBody.ReadAsync(scope.Http, Resource) is not { } body)
        {
            return;
        }
        if (!body.TryText("body", "", PullApi.BodyCharsMax, out var text, out var wrong)
            || string.IsNullOrWhiteSpace(text))
        {
            await ForgeReplies.InvalidAsync(
                scope.Http, wrong ?? new FieldError(Resource, "body", "missing_field"));
            return;
        }
        if (await api.FindAsync(scope) is not { } pull)
        {
            return;
        }
        var made = await pulls.CommentAsync(
            scope.Keys, scope.Repo, pull.Number, text, scope.Actor, time.GetUtcNow(),
            scope.Cancel);
        await ForgeReplies.WriteAsync(scope.Http, 201, ForgeShapes.Comment(scope, pull.Number, made));
    }
}
