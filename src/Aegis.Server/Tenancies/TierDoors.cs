using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Policies;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Tenancies;

/// <summary>Tiers: which there are, and whose they are. The operator gives one to a tenant; the tenant's
/// administrator narrows a key by a further one, and can never widen what the tenant has.</summary>
public static class TierDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/tiers", http => ListAsync(http, parts)).RequireScope(Scopes.Any).ForTenant()
            .Describe("listTiers", "The installation's tiers with their commands and quotas",
                door => door.Page().Answers(DoorJson.Default.ListingTierAnswer));
        routes.MapPost("/v1/tenants:tier", http => OfTenantAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("setTenantTier", "Gives a tenant a tier, or takes it away", door => door
                .Reads(DoorJson.Default.SetTenantTierRequest).Answers(StatusCodes.Status204NoContent)
                .Refuses("AEGIS2511"));
        routes.MapPost("/v1/keys/{key}:tier", http => OfKeyAsync(http, parts))
            .RequireScope(Scopes.AdminKeys).ForTenant()
            .Describe("setKeyTier", "Gives a key a tier beside its tenant's, or takes it away",
                door => door
                .Reads(DoorJson.Default.SetTierRequest).Answers(StatusCodes.Status204NoContent)
                .Refuses("AEGIS2511", "AEGIS2513"));
    }

    private static Task ListAsync(HttpContext http, DoorParts parts) => Listings.WriteAsync(http,
        parts.Tiers.Current().Tiers.Values.Select(TierAnswer.Of), t => t, t => t.Name,
        DoorJson.Default.ListingTierAnswer);

    private static async Task OfTenantAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.SetTenantTierRequest);
        Check(parts, request.Tier);
        if (!await parts.Tenants.SetTenantTierAsync(request.Tenant, request.Tier, http.RequestAborted))
        {
            throw new AegisException(DoorErrors.NotFound("tenant", request.Tenant));
        }
        Changed(http, parts, request.Tenant);
    }

    private static async Task OfKeyAsync(HttpContext http, DoorParts parts)
    {
        RequireNone(await OfCallerAsync(http, parts));
        var found = await KeyDoors.FindAsync(http, parts);
        var tier = (await Body.ReadAsync(http, DoorJson.Default.SetTierRequest)).Tier;
        Check(parts, tier);
        var tenant = http.Caller().Principal.Tenancy.Tenant;
        if (!await parts.Tenants.SetKeyTierAsync(tenant, found.KeyId, tier, http.RequestAborted))
        {
            throw new AegisException(DoorErrors.NotFound("key", found.KeyId));
        }
        Changed(http, parts, tenant);
    }

    /// <summary>The tier of the caller's own key, which the keys that it makes have too.</summary>
    internal static async ValueTask<string?> OfCallerAsync(HttpContext http, DoorParts parts)
    {
        var by = http.Caller().Principal;
        return by.Actor.StartsWith("key:", StringComparison.Ordinal)
            ? (await parts.Tenants.TiersAsync(by.Tenancy.Tenant, by.Actor[4..], http.RequestAborted)).OfKey
            : null;
    }

    /// <summary>Refuses a tier that is none, or that the caller may not give.</summary>
    /// <param name="own">Of the caller's key.</param>
    internal static void RequireGiving(DoorParts parts, string? own, string tier)
    {
        RequireNone(own);
        Check(parts, tier);
    }

    private static void RequireNone(string? own)
    {
        if (own is not null)
        {
            throw new AegisException(new AegisError("AEGIS2513",
                "a key with a tier gives and takes no tiers", "a key without one", $"a key of tier {own}",
                "come with another administrator's key"));
        }
    }

    private static void Check(DoorParts parts, string? tier)
    {
        var known = parts.Tiers.Current().Tiers;
        if (tier is not null && !known.ContainsKey(tier))
        {
            throw new AegisException(new AegisError("AEGIS2511", "there is no such tier",
                string.Join(", ", known.Keys), tier.Length <= 64 ? tier : tier[..64] + "…",
                "use one of them, or add it to allowlist.json"));
        }
    }

    private static void Changed(HttpContext http, DoorParts parts, string tenant)
    {
        parts.Engine?.Tools.Forget(tenant);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
