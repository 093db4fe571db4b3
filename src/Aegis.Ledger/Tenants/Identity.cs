using System.Collections.Immutable;

namespace Aegis.Ledger.Tenants;

/// <summary>Who a key stands for. Without a project it speaks for every project of its tenant.</summary>
public sealed record Identity(string KeyId, string Tenant, int TenantKey, string? Project, int? ProjectKey,
    ImmutableArray<string> Scopes);

/// <summary>The integer keys behind a tenancy's text ids.</summary>
public readonly record struct TenancyKeys(int Tenant, int Project);

/// <summary>A new key: <paramref name="Secret"/> is shown this once, only its SHA-256 is kept.</summary>
public sealed record CreatedKey(string KeyId, string Secret);

/// <summary>A key as its tenant sees it.</summary>
public sealed record KeyListing(string KeyId, string? Project, string Name, ImmutableArray<string> Scopes,
    DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt, string? Tier);

/// <summary>A tenant or a project in a list.</summary>
/// <param name="Tier">A tenant's.</param>
public sealed record AccountListing(string Id, DateTimeOffset CreatedAt, string? Tier);

/// <summary>One version of a project's profile.yaml, and the files that it names (path → text).</summary>
public sealed record ProjectProfile(int Version, string Yaml, ImmutableSortedDictionary<string, string> Files,
    string CreatedBy, DateTimeOffset CreatedAt);
