namespace Aegis.Core.Profiles;

/// <summary>The outside forge of a project: a repository that GitHub's REST and git's smart HTTP
/// serve.</summary>
/// <param name="BaseUrl">Of the REST calls, ending in a slash.</param>
/// <param name="GitUrl">Below it, <c>OWNER/NAME.git</c> is what git pushes to; ends in a slash.</param>
/// <param name="TokenSecret">The project's secret that holds the token; null for the server's
/// GITHUB_TOKEN.</param>
public sealed record ForgeProfile(Uri BaseUrl, Uri GitUrl, string Owner, string Name, string? TokenSecret)
{
    public const string HostTokenName = "GITHUB_TOKEN";

    /// <summary>Where git is, for the three ways in which GitHub gives its REST an address; null for any
    /// other.</summary>
    public static Uri? GitOf(Uri baseUrl) =>
        baseUrl.IdnHost.StartsWith("api.", StringComparison.Ordinal)
        && (baseUrl.IdnHost == "api.github.com"
            || baseUrl.IdnHost.EndsWith(".ghe.com", StringComparison.Ordinal))
            ? new UriBuilder(baseUrl) { Host = baseUrl.IdnHost[4..], Path = "/" }.Uri
        : baseUrl.AbsolutePath == "/api/v3/" ? new Uri(baseUrl, "/")
        : null;
}
