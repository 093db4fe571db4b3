using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Ledger.Devices;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Rpc;

namespace Aegis.Server.Devices;

/// <summary>Offers to pair devices. Who offers is shown the codes; what is paired may do at most what who
/// offered it may.</summary>
public static class PairingDoors
{
    private const int TokenBytes = 24;

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/pairings", http => CreateAsync(http, parts)).RequireScope(Scopes.DevicesWrite)
            .Describe("createPairing", "Offers to pair devices", door => door
                .MayRead(DoorJson.Default.CreateOfferRequest)
                .Answers(DoorJson.Default.CreatedOfferAnswer, StatusCodes.Status201Created)
                .ShowsASecretOnce().Refuses("AEGIS6014", "AEGIS6304", "AEGIS6305", "AEGIS6306"));
        routes.MapGet("/v1/pairings/{offer}", http => GetAsync(http, parts)).RequireScope(Scopes.DevicesWrite)
            .WithEntityTag()
            .Describe("getPairing", "An offer, and what asks to be paired with it",
                door => door.Answers(DoorJson.Default.OfferAnswer));
        routes.MapDelete("/v1/pairings/{offer}", http => EndAsync(http, parts))
            .RequireScope(Scopes.DevicesWrite).WithEntityTag()
            .Describe("endPairing", "Ends an offer", door => door.Answers(StatusCodes.Status204NoContent));
    }

    private static async Task CreateAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.CreateOfferRequest, new());
        var by = http.Caller().Principal;
        var keyId = KeyOf(by);
        var devices = await parts.Devices.ListAsync(http.ProjectKeys(), http.RequestAborted, ofKey: keyId);
        if (devices.Count > 0)
        {
            throw new AegisException(PairingErrors.DeviceOffers);
        }
        var scopes = Granted(request.Scopes, by);
        var token = request.Token ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        if (token.Any(c => c is < '!' or > '~'))
        {
            throw new AegisException(PairingErrors.WeakToken);
        }
        var offer = await parts.Devices.OfferAsync(http.ProjectKeys(), PairingToken.Hash(token), keyId,
            scopes, Life(request.Lives), http.RequestAborted)
            ?? throw new AegisException(PairingErrors.TooMany(DeviceTable.OffersMax, "offers"));
        await Body.WriteAsync(http, new CreatedOfferAnswer(offer.OfferId, token,
            $"{PairingToken.Prefix}{offer.OfferId}.{token}", RpcSeal.ServerKey(parts.Secrets.LinkKey()),
            scopes, offer.ExpiresAt), DoorJson.Default.CreatedOfferAnswer, StatusCodes.Status201Created);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var offer = await FindAsync(http, parts);
        var asks = await parts.Devices.RequestsAsync(http.ProjectKeys(), offer.OfferId, http.RequestAborted);
        var mine = KeyOf(http.Caller().Principal) == offer.KeyId;
        var left = DeviceTable.TriesMax - offer.Tries;
        await Body.WriteAsync(http, new OfferAnswer(offer.OfferId, offer.Scopes, left, left == 0,
            offer.ExpiresAt, [.. asks.Select(p => new PairingAnswer(p.PairingId, p.Kind, p.Name,
                mine && !p.Confirmed ? parts.PairingCodes.Of(p.PairingId) : null, p.Confirmed,
                p.ExpiresAt))]),
            DoorJson.Default.OfferAnswer, state: Tag(offer));
    }

    private static async Task EndAsync(HttpContext http, DoorParts parts)
    {
        var offer = await FindAsync(http, parts);
        http.Conditions().On<PairingOffer>(Tag)?.Invoke(offer);
        await parts.Devices.EndOfferAsync(http.ProjectKeys(), offer.OfferId, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async ValueTask<PairingOffer> FindAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "offer");
        return await parts.Devices.FindOfferAsync(http.ProjectKeys(), id, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("pairing offer", id));
    }

    // of the offer itself: who asks to be paired with it comes and goes
    private static EntityTag Tag(PairingOffer offer) => EntityTag.Of(
        new OfferAnswer(offer.OfferId, offer.Scopes, 0, false, offer.ExpiresAt, []),
        DoorJson.Default.OfferAnswer);

    private static ImmutableArray<string> Granted(string[]? asked, Gate.Principal by)
    {
        // the operator's word is for the installation, and no device speaks it
        ImmutableArray<string> scopes = [.. asked ?? by.Scopes.Where(s => s != Scopes.Operator)];
        foreach (var scope in scopes)
        {
            if (!Scopes.IsValid(scope) || scope == Scopes.Operator || !by.Holds(scope))
            {
                throw new AegisException(DoorErrors.ScopeNotGrantable(scope));
            }
        }
        return [.. scopes.Order(StringComparer.Ordinal)];
    }

    private static TimeSpan Life(JsonElement? asked)
    {
        var read = asked is not { } given ? DoorLimits.OfferLife
            : given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out var ms) && ms > 0
                && ms <= DeviceTable.OfferLifeMax.TotalMilliseconds ? TimeSpan.FromMilliseconds(ms)
            : given.ValueKind == JsonValueKind.String && Duration.TryParse(given.GetString()!, out var span)
                ? span : TimeSpan.Zero;
        return read > TimeSpan.Zero && read <= DeviceTable.OfferLifeMax ? read
            : throw new AegisException(DoorErrors.Malformed("lives is no duration within bounds",
                "1 ms to 24 h", asked?.GetRawText()));
    }

    private static string KeyOf(Gate.Principal by) =>
        by.Actor.StartsWith("key:", StringComparison.Ordinal) ? by.Actor["key:".Length..]
            : throw new AegisException(PairingErrors.DeviceOffers);
}
