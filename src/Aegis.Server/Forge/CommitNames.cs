using Aegis.Tools.Git;

namespace Aegis.Server.Forge;

/// <summary>Which commit an address names.</summary>
internal sealed class CommitNames(ForgeRepositories repositories)
{
    /// <summary>The commit that the route names by its sha, or null after a 422 was written.</summary>
    public async Task<string?> OfRouteAsync(ForgeRequestScope scope) =>
        await CheckedAsync(scope, (string)scope.Http.Request.RouteValues["sha"]!);

    public async Task<string?> CheckedAsync(ForgeRequestScope scope, string? sha)
    {
        if (sha is not null && RefName.IsSha(sha) && await FindAsync(scope, sha) is { } found)
        {
            return found;
        }
        await ForgeReplies.MessageAsync(scope.Http, 422, $"No commit found for SHA: {Shown(sha)}");
        return null;
    }

    /// <summary>A sha or a branch; null where there is none.</summary>
    public async Task<string?> FindAsync(ForgeRequestScope scope, string name) =>
        RefName.IsSha(name) ? await repositories.ResolveAsync(scope.Path, name, scope.Cancel)
        : RefName.IsBranch(name)
            ? await repositories.ResolveAsync(scope.Path, "refs/heads/" + name, scope.Cancel)
        : null;

    private static string Shown(string? text) =>
        text is null ? "" : text.Length <= 80 ? text : text[..80] + "…";
}
