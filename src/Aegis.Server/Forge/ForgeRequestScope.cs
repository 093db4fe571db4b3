using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;

namespace Aegis.Server.Forge;

/// <summary>Whose repository a request of the REST door is about; made once per request.</summary>
/// <param name="Path">The bare repository.</param>
/// <param name="Address">The REST address of the repository, as this client reaches it.</param>
internal sealed record ForgeRequestScope(
    HttpContext Http, Tenancy Tenancy, TenancyKeys Keys, string Repo, string Path,
    string Address)
{
    public CancellationToken Cancel => Http.RequestAborted;

    public string Actor => Http.Caller().Principal.Actor;

    /// <summary>Null where the project is not the caller's or has no such repository: both look the
    /// same.</summary>
    public static ForgeRequestScope? Of(HttpContext http, ForgeRepositories repositories)
    {
        var tenancy = http.Caller().Principal.Tenancy;
        var owner = (string)http.Request.RouteValues["project"]!;
        var repo = (string)http.Request.RouteValues["repo"]!;
        if (owner != tenancy.Project || !repositories.Has(tenancy, repo))
        {
            return null;
        }
        var address = $"{http.Request.Scheme}://{http.Request.Host}/forge/repos/{owner}/{repo}";
        return new ForgeRequestScope(
            http, tenancy, http.ProjectKeys(), repo, repositories.Existing(tenancy, repo),
            address);
    }
}
