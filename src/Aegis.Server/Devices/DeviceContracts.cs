using System.Text.Json;
using Aegis.Ledger.Devices;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Devices;

public sealed record CreateOfferRequest : DoorRequest
{
    /// <summary>What a device must show; made where left out.</summary>
    [Chars(DoorLimits.PairingTokenCharsMin, DoorLimits.PairingTokenCharsMax)]
    public string? Token { get; init; }

    /// <summary>What devices may do: of the caller's own scopes, all where left out.</summary>
    [Items(1, DoorLimits.ScopesMax)]
    public string[]? Scopes { get; init; }

    /// <summary>How long the offer stands: milliseconds, or a text such as 30m.</summary>
    public JsonElement? Lives { get; init; }
}

/// <param name="Token">Shown this once.</param>
/// <param name="Credential">What a device sends as its bearer token to <c>/v1/rpc</c>.</param>
/// <param name="ServerKey">By which a device knows this installation on sealed connections.</param>
public sealed record CreatedOfferAnswer(string OfferId, string Token, string Credential, string ServerKey,
    IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt);

/// <summary>An offer and who asks to be paired with it. Only the key that made it sees codes.</summary>
public sealed record OfferAnswer(string OfferId, IReadOnlyList<string> Scopes, int TriesLeft, bool Locked,
    DateTimeOffset ExpiresAt, IReadOnlyList<PairingAnswer> Pairings);

public sealed record PairingAnswer(string PairingId, string Device, string Name, string? Code, bool Confirmed,
    DateTimeOffset ExpiresAt);

public sealed record DeviceAnswer(string DeviceId, string KeyId, string Device, string Name,
    IReadOnlyList<string> Scopes, string PairedBy, DateTimeOffset PairedAt, DateTimeOffset? RevokedAt)
{
    public static DeviceAnswer Of(DeviceListing d) => new(
        d.DeviceId, d.KeyId, d.Kind, d.Name, d.Scopes, d.PairedBy, d.PairedAt, d.RevokedAt);
}
