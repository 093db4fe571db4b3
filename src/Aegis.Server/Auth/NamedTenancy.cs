using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Server.Problems;

namespace Aegis.Server.Auth;

/// <summary>What a request itself says of its tenant and project: route, headers, query and, later, body. All
/// of it must agree with the key and with each other; any disagreement is the same error, so that nobody
/// learns which ids exist.</summary>
internal sealed record NamedTenancy(
    IReadOnlyList<string> Tenants, IReadOnlyList<string> Projects, string? Chosen)
{
    public const string TenantHeader = "X-Aegis-Tenant";
    public const string ProjectHeader = "X-Aegis-Project";

    public static NamedTenancy Of(HttpContext http)
    {
        List<string> tenants = [], projects = [];
        Add(tenants, http.Request.RouteValues["tenant"] as string);
        AddAll(tenants, http.Request.Headers[TenantHeader]);
        AddAll(projects, http.Request.Headers[ProjectHeader]);
        Add(projects, http.Request.RouteValues["project"] as string);
        // only the header and the route choose; the query and the body may merely agree
        var chosen = projects.FirstOrDefault();
        AddAll(tenants, http.Request.Query["tenant_id"]);
        AddAll(projects, http.Request.Query["project_id"]);
        return new NamedTenancy(tenants, projects, chosen);
    }

    /// <summary>The project of the request, null for none; throws where something disagrees.</summary>
    public string? Project(Identity key)
    {
        var project = key.Project ?? Chosen;
        var agrees = Tenants.All(t => t == key.Tenant)
            && (project is null || Projects.All(p => p == project));
        return agrees ? project : throw new AegisException(DoorErrors.TenancyDisagrees);
    }

    /// <summary>Holds a body's own claim against the caller.</summary>
    public static void RequireAgreement(HttpContext http, string? tenant, string? project)
    {
        var tenancy = http.Caller().Principal.Tenancy;
        if ((tenant is not null && tenant != tenancy.Tenant)
            || (project is not null && project != tenancy.Project))
        {
            throw new AegisException(DoorErrors.TenancyDisagrees);
        }
    }

    private static void Add(List<string> list, string? value)
    {
        if (value is not null)
        {
            list.Add(value);
        }
    }

    private static void AddAll(List<string> list, Microsoft.Extensions.Primitives.StringValues values)
    {
        foreach (var value in values)
        {
            Add(list, value);
        }
    }
}
