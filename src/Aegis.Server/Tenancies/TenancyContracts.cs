using Aegis.Ledger.Tenants;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Tenancies;

/// <summary>The id of something new.</summary>
public sealed record NewIdRequest : DoorRequest
{
    [Id]
    public required string Id { get; init; }
}

public sealed record CreateKeyRequest : DoorRequest
{
    [Chars(1, TenantDirectory.KeyNameLengthMax)]
    public required string Name { get; init; }

    [Items(1, DoorLimits.ScopesMax)]
    public required string[] Scopes { get; init; }

    /// <summary>Null: every project of the tenant.</summary>
    public string? Project { get; init; }
}

/// <param name="Tier">A tenant's; see /v1/tiers.</param>
public sealed record AccountAnswer(string Id, DateTimeOffset? CreatedAt, string? Tier = null);

public sealed record CreatedTenantAnswer(string Tenant, string Project, string KeyId, string Key);

public sealed record CreatedKeyAnswer(string KeyId, string Key, string Name, string? Project,
    IReadOnlyList<string> Scopes);

/// <param name="Tier">By which its calls are judged beside the tenant's: its own, or of a device's that of
/// the key that paired it.</param>
public sealed record KeyAnswer(string KeyId, string Name, string? Project, IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt, string? Tier)
{
    public static KeyAnswer Of(KeyListing k) =>
        new(k.KeyId, k.Name, k.Project, k.Scopes, k.CreatedAt, k.RevokedAt, k.Tier);
}
