using System.Collections.Immutable;

namespace Aegis.Core.Runs.Events;

// What happens to devices, in the project's stream "devices". FactId tells a fact that was moved twice after
// a crash from another like it.

/// <summary>A device got a key of its own.</summary>
/// <param name="Actor">Who offered the pairing.</param>
public sealed record DevicePaired(string FactId, string DeviceId, string KeyId, string Kind, string Name,
    ImmutableArray<string> Scopes, string Actor) : RunEvent;

/// <summary>A device's key is worth nothing any more.</summary>
public sealed record DeviceRevoked(string FactId, string DeviceId, string KeyId, string Actor) : RunEvent;

/// <summary>Somebody tried so many wrong codes that an offer of pairing is void.</summary>
public sealed record PairingLocked(string FactId, string OfferId, string Actor) : RunEvent;
