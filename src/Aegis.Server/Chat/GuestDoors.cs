using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Chat;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Tenancies;

namespace Aegis.Server.Chat;

/// <summary>Keys for founders who are guests: they talk, and read their own conversations, for a while.
/// </summary>
public static class GuestDoors
{
    /// <summary>How long a guest's key may live: 90 days.</summary>
    public const int LifeSecondsMax = 90 * 24 * 3600;

    private const int LifeSeconds = 7 * 24 * 3600;
    private static readonly ImmutableArray<string> Allowed = [Scopes.ChatRead, Scopes.ChatWrite];

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts) =>
        routes.MapPost("/v1/chat/guests", http => InviteAsync(http, parts)).RequireScope(Scopes.AdminKeys)
            .Describe("inviteGuest", "Makes a key that can only talk, and ends by itself", door => door
                .Saying("It ends with the key that invites, too. DELETE /v1/keys/{key} takes it back.")
                .Reads(DoorJson.Default.InviteGuestRequest)
                .Answers(DoorJson.Default.InvitedGuestAnswer, StatusCodes.Status201Created)
                .ShowsASecretOnce().Refuses("AEGIS2511", "AEGIS2513", "AEGIS2718", "AEGIS6014"));

    private static async Task InviteAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.InviteGuestRequest);
        var (by, keys, cancel) = (http.Caller().Principal, http.ProjectKeys(), http.RequestAborted);
        if (request.Name.Any(char.IsControl))
        {
            throw new AegisException(DoorErrors.Malformed("name is malformed", "printable characters"));
        }
        foreach (var scope in Allowed.Where(s => !by.Holds(s)))
        {
            throw new AegisException(DoorErrors.ScopeNotGrantable(scope));
        }
        var own = await TierDoors.OfCallerAsync(http, parts);
        if (request.Tier is { } tier)
        {
            TierDoors.RequireGiving(parts, own, tier);
        }
        var made = by.Actor.StartsWith("key:", StringComparison.Ordinal)
            ? await parts.Tenants.CreateGuestKeyAsync(by.Tenancy, request.Name, Allowed, by.Actor[4..],
                TimeSpan.FromSeconds(request.ExpiresInSeconds ?? LifeSeconds), cancel)
            : null;
        if (made is not ({ } key, var expires))
        {
            throw new AegisException(new AegisError("AEGIS2718", "this key can invite nobody",
                "a key of an administrator", "a key of a device or guest", "come with another key"));
        }
        if (request.Tier is { } wanted)
        {
            await parts.Tenants.SetKeyTierAsync(by.Tenancy.Tenant, key.KeyId, wanted, cancel);
        }
        await parts.Chat.RecordAsync(keys, ChatStream.Guests, new GuestInvited(
            ChatTable.NewFactId(), key.KeyId, request.Name, by.Actor, expires), cancel);
        parts.Secrets.FactWaits();
        await Body.WriteAsync(http, new InvitedGuestAnswer(key.KeyId, key.Secret, request.Name,
            by.Tenancy.Project, Allowed, expires, request.Tier ?? own), DoorJson.Default.InvitedGuestAnswer,
            StatusCodes.Status201Created);
    }
}
