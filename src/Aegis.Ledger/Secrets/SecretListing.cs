namespace Aegis.Ledger.Secrets;

/// <summary>A secret as lists show it: everything but its value.</summary>
/// <param name="Fingerprint">8 hex digits of a keyed hash of the value: the same value has the same one in
/// this ledger.</param>
public sealed record SecretListing(string Name, int Version, string Fingerprint, DateTimeOffset UpdatedAt);
