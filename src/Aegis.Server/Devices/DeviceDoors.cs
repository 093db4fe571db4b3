using Aegis.Core.Errors;
using Aegis.Ledger.Devices;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Devices;

/// <summary>Paired devices of a project: listed, looked at, revoked.</summary>
public static class DeviceDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/devices", http => ListAsync(http, parts)).RequireScope(Scopes.DevicesRead)
            .Describe("listDevices", "Paired devices, revoked ones too",
                door => door.Page().Answers(DoorJson.Default.ListingDeviceAnswer));
        routes.MapGet("/v1/devices/{device}", http => GetAsync(http, parts)).RequireScope(Scopes.DevicesRead)
            .WithEntityTag()
            .Describe("getDevice", "A paired device", door => door.Answers(DoorJson.Default.DeviceAnswer));
        routes.MapDelete("/v1/devices/{device}", http => RevokeAsync(http, parts))
            .RequireScope(Scopes.DevicesWrite).WithEntityTag()
            .Describe("revokeDevice", "Revokes a device's key",
                door => door.Answers(StatusCodes.Status204NoContent));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var found = await parts.Devices.ListAsync(http.ProjectKeys(), http.RequestAborted);
        await Listings.WriteAsync(
            http, found, DeviceAnswer.Of, d => d.DeviceId, DoorJson.Default.ListingDeviceAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "device");
        await Body.WriteAsync(http,
            await parts.Devices.ListAsync(http.ProjectKeys(), http.RequestAborted, only: id) is [var device]
                ? DeviceAnswer.Of(device) : throw Missing(id), DoorJson.Default.DeviceAnswer);
    }

    private static async Task RevokeAsync(HttpContext http, DoorParts parts)
    {
        var (id, by) = (Query.Route(http, "device"), http.Caller().Principal);
        var key = await parts.Devices.RevokeAsync(by.Tenancy, http.ProjectKeys(), id, by.Actor,
            http.RequestAborted, http.Conditions().On<DeviceListing>(
                d => EntityTag.Of(DeviceAnswer.Of(d), DoorJson.Default.DeviceAnswer))) ?? throw Missing(id);
        parts.Keys.Forget(key);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static AegisException Missing(string id) => new(DoorErrors.NotFound("device", id));
}
