using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Tenancies;

/// <summary>Tenants (for the operator) and the projects of the caller's own tenant.</summary>
public static class TenantDoors
{
    public const string FirstProject = "default";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/tenants", http => ListTenantsAsync(http, parts)).RequireScope(Scopes.Operator)
            .ForTenant()
            .Describe("listTenants", "Tenants",
                door => door.Page().Answers(DoorJson.Default.ListingAccountAnswer));
        routes.MapPost("/v1/tenants", http => CreateTenantAsync(http, parts)).RequireScope(Scopes.Operator)
            .ForTenant()
            .Describe("createTenant", "Makes a tenant with a project and its administrator's key",
                door => door
                .Reads(DoorJson.Default.NewIdRequest)
                .Answers(DoorJson.Default.CreatedTenantAnswer, StatusCodes.Status201Created)
                .ShowsASecretOnce().Refuses("AEGIS4021"));
        routes.MapGet("/v1/projects", http => ListProjectsAsync(http, parts))
            .RequireScope(Scopes.AdminProjects).ForTenant()
            .Describe("listProjects", "The tenant's projects",
                door => door.Page().Answers(DoorJson.Default.ListingAccountAnswer));
        routes.MapPost("/v1/projects", http => CreateProjectAsync(http, parts))
            .RequireScope(Scopes.AdminProjects).ForTenant()
            .Describe("createProject", "Makes a project", door => door.Reads(DoorJson.Default.NewIdRequest)
                .Answers(DoorJson.Default.AccountAnswer, StatusCodes.Status201Created)
                .Refuses("AEGIS4021"));
    }

    private static async Task ListTenantsAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await parts.Tenants.ListTenantsAsync(
            http.RequestAborted, PageCursors.Read(http)?.Id, limit + 1);
        await WriteAsync(http, found, limit);
    }

    private static async Task CreateTenantAsync(HttpContext http, DoorParts parts)
    {
        var id = (await Body.ReadAsync(http, DoorJson.Default.NewIdRequest)).Id;
        var cancel = http.RequestAborted;
        await parts.Tenants.CreateTenantAsync(id, cancel);
        await parts.Tenants.CreateProjectAsync(new Tenancy(id, FirstProject), cancel);
        var key = await parts.Tenants.CreateKeyAsync(id, null, "admin", [Scopes.Admin], cancel);
        await Body.WriteAsync(http, new CreatedTenantAnswer(id, FirstProject, key.KeyId, key.Secret),
            DoorJson.Default.CreatedTenantAnswer, StatusCodes.Status201Created);
    }

    private static async Task ListProjectsAsync(HttpContext http, DoorParts parts)
    {
        var (of, limit) = (http.Caller().Principal.Tenancy, Query.Limit(http));
        // a key of one project learns of no other
        var found = await parts.Tenants.ListProjectsAsync(of.Tenant, http.RequestAborted,
            http.Caller().ProjectBound ? of.Project : null, PageCursors.Read(http)?.Id, limit + 1);
        await WriteAsync(http, found, limit);
    }

    private static async Task CreateProjectAsync(HttpContext http, DoorParts parts)
    {
        TenantWide.Require(http);
        var id = (await Body.ReadAsync(http, DoorJson.Default.NewIdRequest)).Id;
        await parts.Tenants.CreateProjectAsync(new Tenancy(http.Caller().Principal.Tenancy.Tenant, id),
            http.RequestAborted);
        await Body.WriteAsync(
            http, new AccountAnswer(id, parts.Time.GetUtcNow()), DoorJson.Default.AccountAnswer,
            StatusCodes.Status201Created);
    }

    private static Task WriteAsync(HttpContext http, IReadOnlyList<AccountListing> found, int limit) =>
        Listings.WriteAsync(http,
            PageCursors.Cut(found, limit, f => new AccountAnswer(f.Id, f.CreatedAt, f.Tier), f => f.Id),
            DoorJson.Default.ListingAccountAnswer);
}
