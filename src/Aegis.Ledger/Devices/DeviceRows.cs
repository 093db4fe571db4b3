using System.Collections.Immutable;

namespace Aegis.Ledger.Devices;

/// <summary>An offer to pair a device.</summary>
/// <param name="KeyId">Of who offers it; the device's key lives no longer than that one.</param>
/// <param name="Tries">Wrong codes since the last right one.</param>
public sealed record PairingOffer(string OfferId, string KeyId, ImmutableArray<string> Scopes, int Tries,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>A device that wants to be paired.</summary>
public sealed record PairingRequest(string PairingId, string Kind, string Name, DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt, bool Confirmed);

public sealed record DeviceListing(string DeviceId, string KeyId, string Kind, string Name,
    ImmutableArray<string> Scopes, string PairedBy, DateTimeOffset PairedAt, DateTimeOffset? RevokedAt);

/// <summary>A device that was just paired: <paramref name="Secret"/> is shown this once.</summary>
public sealed record PairedDevice(string DeviceId, string Secret, ImmutableArray<string> Scopes);

public enum PairingEnd
{
    Paired,
    WrongCode,
    Locked,
    Expired,
}

/// <param name="Device">Set where it was paired.</param>
public sealed record PairingVerdict(PairingEnd End, PairedDevice? Device = null, int TriesLeft = 0);
