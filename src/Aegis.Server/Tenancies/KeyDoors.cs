using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Tenancies;

/// <summary>API keys of the caller's tenant. A key grants no more than its maker holds, and a key of one
/// project sees and makes keys of that project only.</summary>
public static class KeyDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/keys", http => ListAsync(http, parts)).RequireScope(Scopes.AdminKeys).ForTenant()
            .Describe("listKeys", "Keys, without their secrets",
                door => door.Page().Answers(DoorJson.Default.ListingKeyAnswer));
        routes.MapPost("/v1/keys", http => CreateAsync(http, parts)).RequireScope(Scopes.AdminKeys)
            .ForTenant()
            .Describe("createKey", "Makes a key, which is shown this once", door => door
                .Reads(DoorJson.Default.CreateKeyRequest)
                .Answers(DoorJson.Default.CreatedKeyAnswer, StatusCodes.Status201Created)
                .ShowsASecretOnce().Refuses("AEGIS4022", "AEGIS6014"));
        routes.MapGet("/v1/keys/{key}", http => GetAsync(http, parts)).RequireScope(Scopes.AdminKeys)
            .ForTenant().WithEntityTag()
            .Describe("getKey", "A key, without its secret",
                door => door.Answers(DoorJson.Default.KeyAnswer));
        routes.MapDelete("/v1/keys/{key}", http => RevokeAsync(http, parts)).RequireScope(Scopes.AdminKeys)
            .ForTenant().WithEntityTag()
            .Describe("revokeKey", "Revokes a key", door => door.Answers(StatusCodes.Status204NoContent));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await VisibleAsync(http, parts, PageCursors.Read(http), limit + 1);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, KeyAnswer.Of,
            k => (k.CreatedAt, k.KeyId)), DoorJson.Default.ListingKeyAnswer);
    }

    private static async Task CreateAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.CreateKeyRequest);
        var caller = http.Caller();
        Check(request, caller.Principal);
        if (caller.ProjectBound && request.Project != caller.Principal.Tenancy.Project)
        {
            throw new AegisException(DoorErrors.TenancyDisagrees);
        }
        var made = await parts.Tenants.CreateKeyAsync(
            caller.Principal.Tenancy.Tenant, request.Project, request.Name,
            [.. request.Scopes], http.RequestAborted);
        if (await TierDoors.OfCallerAsync(http, parts) is { } tier)
        {
            await parts.Tenants.SetKeyTierAsync(
                caller.Principal.Tenancy.Tenant, made.KeyId, tier, http.RequestAborted);
        }
        await Body.WriteAsync(
            http, new CreatedKeyAnswer(made.KeyId, made.Secret, request.Name, request.Project,
            request.Scopes), DoorJson.Default.CreatedKeyAnswer, StatusCodes.Status201Created);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var found = await FindAsync(http, parts);
        await Body.WriteAsync(http, KeyAnswer.Of(found), DoorJson.Default.KeyAnswer, state: Tag(found));
    }

    private static async Task RevokeAsync(HttpContext http, DoorParts parts)
    {
        var found = await FindAsync(http, parts);
        // a key changes once in its life, by being revoked, and that happens once: no lock is needed between
        // this look and that act
        if (found.RevokedAt is null)
        {
            http.Conditions().On<KeyListing>(Tag)?.Invoke(found);
        }
        if (!await parts.Tenants.RevokeKeyAsync(
            http.Caller().Principal.Tenancy.Tenant, found.KeyId, http.RequestAborted))
        {
            throw new AegisException(DoorErrors.NotFound("key", found.KeyId));
        }
        parts.Keys.Forget(found.KeyId);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // of what a revocation changes: a tier comes and goes without it
    private static EntityTag Tag(KeyListing key) =>
        EntityTag.Of(KeyAnswer.Of(key) with { Tier = null }, DoorJson.Default.KeyAnswer);

    /// <summary>The key that the path names, where the caller may see it.</summary>
    internal static async ValueTask<KeyListing> FindAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "key");
        return (await VisibleAsync(http, parts)).FirstOrDefault(k => k.KeyId == id)
            ?? throw new AegisException(DoorErrors.NotFound("key", id));
    }

    private static async ValueTask<IReadOnlyList<KeyListing>> VisibleAsync(HttpContext http,
        DoorParts parts, PageCursor? after = null, int limit = int.MaxValue)
    {
        var of = http.Caller().Principal.Tenancy;
        return await parts.Tenants.ListKeysAsync(of.Tenant, http.RequestAborted,
            http.Caller().ProjectBound ? of.Project : null, after, limit);
    }

    private static void Check(CreateKeyRequest request, Principal maker)
    {
        if (request.Name.Any(char.IsControl))
        {
            throw new AegisException(DoorErrors.Malformed("name is malformed", "printable characters"));
        }
        foreach (var scope in request.Scopes)
        {
            if (!Scopes.IsValid(scope))
            {
                throw new AegisException(
                    DoorErrors.Malformed("no such scope", "a scope of docs/api.md", scope));
            }
            // operator is not part of admin:*, and a wildcard is granted only by who holds that wildcard
            var held = scope == Scopes.Operator ? maker.Scopes.Contains(scope) : maker.Holds(scope);
            if (!held)
            {
                throw new AegisException(DoorErrors.ScopeNotGrantable(scope));
            }
        }
    }
}
