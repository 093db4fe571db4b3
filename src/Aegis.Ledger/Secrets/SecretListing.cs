using System.Collections.Immutable;

namespace Aegis.Ledger.Secrets;

/// <summary>A secret as lists show it: everything but its value.</summary>
/// <param name="Fingerprint">16 hex digits of a keyed hash of the value: the same value has the same one in
/// this tenant, and another one in every other.</param>
/// <param name="Hosts">Where it may be sent; none: wherever a step names it.</param>
/// <param name="PreviousUntil">Until when the version before is valid too.</param>
public sealed record SecretListing(string Name, int Version, string Fingerprint, DateTimeOffset UpdatedAt,
    ImmutableArray<string> Hosts, DateTimeOffset? PreviousUntil)
{
    public bool Equals(SecretListing? other) => other is not null && Name == other.Name
        && Version == other.Version && Fingerprint == other.Fingerprint && UpdatedAt == other.UpdatedAt
        && Hosts.SequenceEqual(other.Hosts) && PreviousUntil == other.PreviousUntil;

    public override int GetHashCode() => HashCode.Combine(Name, Version, Fingerprint, UpdatedAt);
}

/// <summary>A secret's value, open, with what tells of its use.</summary>
public sealed record OpenSecret(
    string Name, int Version, string Fingerprint, string Value, ImmutableArray<string> Hosts);

/// <summary>Who uses a secret, and what for; stands in the ledger before the value is handed over.</summary>
/// <param name="Purpose">A tool's name, <c>webhook</c>, <c>hook</c>, <c>egress</c>.</param>
/// <param name="Host">Where it is to be sent; null where nothing is sent.</param>
public sealed record SecretUse(
    string Actor, string Purpose, string? Host = null, string? RunId = null, string? StepId = null);
