using System.Text.Json;
using Aegis.Ledger.Secrets;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Secrets;

public sealed record SetSecretRequest : DoorRequest
{
    public required string Value { get; init; }
}

public sealed record RotateSecretRequest : DoorRequest
{
    public required string Value { get; init; }

    /// <summary>How long the version before stays valid: milliseconds, or text such as 24h. Left out:
    /// it ends at once.</summary>
    public JsonElement? Overlap { get; init; }
}

public sealed record BindSecretRequest : DoorRequest
{
    /// <summary>As in egress_allow; none: wherever a step names the secret.</summary>
    [Items(0, SecretVault.HostsMax)]
    public required IReadOnlyList<string> Hosts { get; init; }
}

/// <summary>Nothing can be said of it.</summary>
public sealed record RotateKeyRequest : DoorRequest;

public sealed record SecretAnswer(string Name, int Version, string Fingerprint, DateTimeOffset UpdatedAt,
    IReadOnlyList<string> Hosts, DateTimeOffset? PreviousUntil)
{
    public static SecretAnswer Of(SecretListing s) =>
        new(s.Name, s.Version, s.Fingerprint, s.UpdatedAt, s.Hosts, s.PreviousUntil);
}

/// <param name="Resealed">Values and artifact keys that were sealed anew.</param>
public sealed record DataKeyAnswer(int KeyVersion, int Resealed);

/// <param name="Generation">How many master keys the ledger had, this one included.</param>
public sealed record MasterKeyAnswer(int Generation);
