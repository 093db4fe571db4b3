using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;
using Aegis.Server.Tenancies;

namespace Aegis.Server.Secrets;

/// <summary>The keys behind secrets: a tenant's data key, and the installation's master key.</summary>
public static class KeyringDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/data-key:rotate", http => RotateDataKeyAsync(http, parts))
            .RequireScope(Scopes.AdminSecrets).ForTenant()
            .Describe("rotateDataKey", "Makes the tenant a new data key and seals everything anew with it",
                door => door.MayRead(DoorJson.Default.RotateKeyRequest)
                    .Answers(DoorJson.Default.DataKeyAnswer).Refuses("AEGIS4200"));
        routes.MapPost("/v1/master-key:rotate", http => RotateMasterAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("rotateMasterKey", "Makes the installation a new master key",
                door => door.MayRead(DoorJson.Default.RotateKeyRequest)
                    .Answers(DoorJson.Default.MasterKeyAnswer)
                    .Refuses("AEGIS4200", "AEGIS4201", "AEGIS4202"));
    }

    private static async Task RotateDataKeyAsync(HttpContext http, DoorParts parts)
    {
        TenantWide.Require(http);
        await Body.ReadOrAsync(http, DoorJson.Default.RotateKeyRequest, new());
        var by = http.Caller().Principal;
        var done = await parts.Secrets.RotateDataKeyAsync(
            by.Tenancy.Tenant, by.Actor, http.RequestAborted);
        await Body.WriteAsync(http, new DataKeyAnswer(done.KeyVersion, done.Resealed),
            DoorJson.Default.DataKeyAnswer);
    }

    private static async Task RotateMasterAsync(HttpContext http, DoorParts parts)
    {
        await Body.ReadOrAsync(http, DoorJson.Default.RotateKeyRequest, new());
        var generation = await parts.Secrets.RotateMasterAsync(
            http.Caller().Principal.Actor, http.RequestAborted);
        await Body.WriteAsync(http, new MasterKeyAnswer(generation), DoorJson.Default.MasterKeyAnswer);
    }
}
