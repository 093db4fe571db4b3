using System.Text.Json.Nodes;

namespace Aegis.Server.Forge;

/// <summary>A repository and its branches, as GitHub's REST shows them.</summary>
internal sealed class RepositoryApi(ForgeRepositories repositories)
{
    public async Task GetAsync(ForgeRequestScope scope) => await ForgeReplies.WriteAsync(scope.Http, 200,
        RepositoryShape.Of(scope, await repositories.DefaultBranchAsync(scope.Path, scope.Cancel)));

    public async Task BranchesAsync(ForgeRequestScope scope)
    {
        if (!ForgePage.TryRead(scope.Http, out var page))
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError("Branch", "page", "invalid"));
            return;
        }
        var all = await repositories.BranchesAsync(scope.Path, scope.Cancel);
        var shown = all.Skip((int)Math.Min((long)(page.Number - 1) * page.Size, int.MaxValue)).Take(page.Size)
            .ToList();
        ForgePage.Link(scope.Http, page, (long)page.Number * page.Size < all.Length);
        await ForgeReplies.WriteAsync(scope.Http, 200,
            new JsonArray([.. shown.Select(b => ForgeShapes.Branch(scope, b))]));
    }

    public async Task BranchAsync(ForgeRequestScope scope)
    {
        var name = (string)scope.Http.Request.RouteValues["branch"]!;
        var all = await repositories.BranchesAsync(scope.Path, scope.Cancel);
        if (all.FirstOrDefault(b => b.Name == name) is not { } found)
        {
            await ForgeReplies.MessageAsync(scope.Http, 404, "Branch not found");
            return;
        }
        await ForgeReplies.WriteAsync(scope.Http, 200, ForgeShapes.Branch(scope, found));
    }
}
