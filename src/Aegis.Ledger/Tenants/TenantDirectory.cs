using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Tenants;

/// <summary>Tenants, projects and keys, as role auth, which can call a handful of functions and see no
/// table.</summary>
public sealed class TenantDirectory(LedgerDatabase database)
{
    public const int ScopesMax = 64;
    public const int KeyNameLengthMax = 100;

    // ids are never reused or renamed, so an entry is true for ever; the bound is against a flood of tenants
    private const int ResolvedMax = 10_000;
    private readonly ConcurrentDictionary<Tenancy, TenancyKeys> _resolved = new();
    private readonly NpgsqlDataSource _auth = database.Source(LedgerRole.Auth);

    /// <summary>What was found before; null where the ledger has to be asked.</summary>
    public TenancyKeys? Known(Tenancy tenancy) =>
        _resolved.TryGetValue(tenancy, out var keys) ? keys : null;

    /// <summary>The new tenant's key; AEGIS4021 where the id is taken.</summary>
    public async Task<int> CreateTenantAsync(string tenant, CancellationToken cancel)
    {
        CheckId("tenant", tenant);
        return await ScalarAsync("accounts.create_tenant", cancel, tenant) is int key
            ? key
            : throw AccountErrors.Taken("tenant", tenant);
    }

    /// <summary>The new project's key; AEGIS4021 where the id is taken, AEGIS4022 for an unknown
    /// tenant.</summary>
    public async Task<int> CreateProjectAsync(Tenancy tenancy, CancellationToken cancel)
    {
        CheckId("tenant", tenancy.Tenant);
        CheckId("project", tenancy.Project);
        if (await ScalarAsync("accounts.create_project", cancel, tenancy.Tenant, tenancy.Project) is int key)
        {
            return key;
        }
        throw await ResolveAsync(tenancy, cancel) is null
            ? AccountErrors.Unknown("tenant", tenancy.Tenant)
            : AccountErrors.Taken("project", tenancy.Project);
    }

    /// <summary>Makes a key for one project, or for the whole tenant where <paramref name="project"/> is
    /// null.</summary>
    public async Task<CreatedKey> CreateKeyAsync(string tenant, string? project, string name,
        ImmutableArray<string> scopes, CancellationToken cancel)
    {
        if (name.Length is 0 or > KeyNameLengthMax || scopes.Length > ScopesMax)
        {
            throw AccountErrors.KeyTooLarge();
        }
        var id = NewKeyId();
        var secret = ApiKey.Generate();
        await using var command = Command("accounts.create_key", id, tenant);
        command.Parameters.Add(Text(project));
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = ApiKey.Hash(secret) });
        command.Parameters.Add(new() { Value = scopes.ToArray() });
        return (bool)(await command.ExecuteScalarAsync(cancel))!
            ? new CreatedKey(id, secret)
            : throw AccountErrors.Unknown("tenant or project",
                project is null ? tenant : $"{tenant}/{project}");
    }

    /// <summary>Makes a device's key, which is valid as long as that of who paired it; null where that one is
    /// not valid any more, or is a device's itself.</summary>
    public async Task<CreatedKey?> CreateDeviceKeyAsync(Tenancy tenancy, string name,
        ImmutableArray<string> scopes, string pairedBy, CancellationToken cancel)
    {
        var id = NewKeyId();
        var secret = ApiKey.Generate();
        await using var command = Command("accounts.create_device_key", id, tenancy.Tenant, tenancy.Project,
            name, ApiKey.Hash(secret), scopes.ToArray(), pairedBy);
        return (bool)(await command.ExecuteScalarAsync(cancel))! ? new CreatedKey(id, secret) : null;
    }

    /// <summary>Makes a guest's key, which ends after a while, and with the key of who made it; null where
    /// that one is not valid any more, or is a device's or guest's itself.</summary>
    public async Task<(CreatedKey Key, DateTimeOffset ExpiresAt)?> CreateGuestKeyAsync(Tenancy tenancy,
        string name, ImmutableArray<string> scopes, string madeBy, TimeSpan life, CancellationToken cancel)
    {
        var id = NewKeyId();
        var secret = ApiKey.Generate();
        await using var command = Command("accounts.create_guest_key", id, tenancy.Tenant, tenancy.Project,
            name, ApiKey.Hash(secret), scopes.ToArray(), madeBy, life.TotalSeconds);
        return await command.ExecuteScalarAsync(cancel) is DateTime expires
            ? (new CreatedKey(id, secret), new DateTimeOffset(expires, TimeSpan.Zero)) : null;
    }

    /// <summary>Whom the token of a pairing offer stands for; null for an unknown or expired one.</summary>
    public async Task<(Tenancy Tenancy, TenancyKeys Keys)?> FindOfferAsync(
        string offerId, ReadOnlyMemory<byte> tokenSha256, CancellationToken cancel)
    {
        await using var command = Command("accounts.find_offer", offerId, tokenSha256.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return !await reader.ReadAsync(cancel) ? null
            : (new Tenancy(reader.GetString(0), reader.GetString(2)),
                new TenancyKeys(reader.GetInt32(1), reader.GetInt32(3)));
    }

    /// <summary>Who the key with this SHA-256 stands for; null for an unknown or revoked one. Not cached: a
    /// revocation holds at once.</summary>
    public async Task<Identity?> FindKeyAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancel)
    {
        await using var command = Command("accounts.find_key");
        command.Parameters.Add(new() { Value = sha256, NpgsqlDbType = NpgsqlDbType.Bytea });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return !await reader.ReadAsync(cancel)
            ? null
            : new Identity(reader.GetString(0), reader.GetString(1), reader.GetInt32(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                    reader.IsDBNull(4) ? null : reader.GetInt32(4),
                [.. reader.GetFieldValue<string[]>(5)]);
    }

    /// <summary>False where this tenant has no such live key.</summary>
    public async Task<bool> RevokeKeyAsync(string tenant, string keyId, CancellationToken cancel) =>
        (bool)(await ScalarAsync("accounts.revoke_key", cancel, tenant, keyId))!;

    /// <summary>Gives a tenant a tier, or takes it away; false where there is no such tenant.</summary>
    public Task<bool> SetTenantTierAsync(string tenant, string? tier, CancellationToken cancel) =>
        ChangedAsync("accounts.set_tenant_tier", [tenant], tier, cancel);

    /// <summary>Gives a key a tier, or takes it away; false where this tenant has no such live key.</summary>
    public Task<bool> SetKeyTierAsync(string tenant, string keyId, string? tier, CancellationToken cancel) =>
        ChangedAsync("accounts.set_key_tier", [tenant, keyId], tier, cancel);

    /// <summary>The tiers of a tenant and of a key of it.</summary>
    public async Task<(string? OfTenant, string? OfKey)> TiersAsync(
        string tenant, string? keyId, CancellationToken cancel)
    {
        await using var command = Command("accounts.tiers", tenant);
        command.Parameters.Add(Text(keyId));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return !await reader.ReadAsync(cancel) ? (null, null)
            : (reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null
            : reader.GetString(1));
    }

    /// <summary>The oldest first.</summary>
    /// <param name="project">Only keys of this project.</param>
    public async Task<ImmutableArray<KeyListing>> ListKeysAsync(string tenant, CancellationToken cancel,
        string? project = null, PageCursor? after = null, int limit = int.MaxValue)
    {
        await using var command = Command(
            "accounts.list_keys", tenant, after?.At, after?.Id, project, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<KeyListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new KeyListing(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1),
                reader.GetString(2), [.. reader.GetFieldValue<string[]>(3)],
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetString(6)));
        }
        return found.ToImmutable();
    }

    /// <summary>In the order of ids.</summary>
    public Task<ImmutableArray<AccountListing>> ListTenantsAsync(CancellationToken cancel,
        string? after = null, int limit = int.MaxValue) =>
        ListAsync(Command("accounts.list_tenants", after, limit), cancel);

    /// <summary>In the order of ids.</summary>
    /// <param name="only">This one alone, where it is there.</param>
    public Task<ImmutableArray<AccountListing>> ListProjectsAsync(string tenant, CancellationToken cancel,
        string? only = null, string? after = null, int limit = int.MaxValue) =>
        ListAsync(Command("accounts.list_projects", tenant, after, only, limit), cancel);

    /// <summary>The integer keys of a tenancy, or null where there is no such project.</summary>
    public async ValueTask<TenancyKeys?> ResolveAsync(Tenancy tenancy, CancellationToken cancel)
    {
        if (_resolved.TryGetValue(tenancy, out var known))
        {
            return known;
        }
        await using var command = Command("accounts.resolve", tenancy.Tenant, tenancy.Project);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            return null;
        }
        return _resolved.Keep(
            tenancy, new TenancyKeys(reader.GetInt32(0), reader.GetInt32(1)), ResolvedMax);
    }

    private static async Task<ImmutableArray<AccountListing>> ListAsync(NpgsqlCommand command,
        CancellationToken cancel)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<AccountListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new AccountListing(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1),
                reader.IsDBNull(2) ? null : reader.GetString(2)));
        }
        return found.ToImmutable();
    }

    private async Task<bool> ChangedAsync(
        string query, object?[] of, string? tier, CancellationToken cancel)
    {
        if (tier is not null)
        {
            CheckId("tier", tier);
        }
        await using var command = Command(query, of);
        command.Parameters.Add(Text(tier));
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static string NewKeyId() =>
        "key_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    private static void CheckId(string what, string id)
    {
        if (!IdRule.IsValid(id))
        {
            throw AccountErrors.BadId(what, id);
        }
    }

    private async Task<object?> ScalarAsync(string query, CancellationToken cancel, params string[] values)
    {
        await using var command = Command(query, values);
        return await command.ExecuteScalarAsync(cancel);
    }

    private NpgsqlCommand Command(string query, params ReadOnlySpan<object?> values)
    {
        var command = _auth.CreateCommand(Sql.Get(query));
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
        return command;
    }
}
