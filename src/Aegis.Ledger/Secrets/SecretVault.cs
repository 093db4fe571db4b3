using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Secrets;

/// <summary>The secrets of all projects, as role app: row level security shows one project, and the database
/// holds sealed bytes only. Opened once at start, which finds out a wrong master key.</summary>
public sealed class SecretVault
{
    public const int ValueBytesMax = 64 * 1024;
    public const int SecretsMax = 1_000;

    private const int SaltBytes = 32;
    private const string ProbePlace = "probe";
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly LedgerDatabase database;
    private readonly SecretCipher cipher;

    private SecretVault(LedgerDatabase database, SecretCipher cipher) =>
        (this.database, this.cipher) = (database, cipher);

    /// <summary>Seals what else of the ledger must not be read from a dump of it.</summary>
    internal SecretCipher Cipher => cipher;

    /// <summary>The key that download links are signed with.</summary>
    public byte[] LinkKey() => cipher.LinkKey();

    /// <summary>Reads the master key and holds it against the ledger's probe; AEGIS4040 for another
    /// key.</summary>
    public static async Task<SecretVault> OpenAsync(
        LedgerDatabase database, MasterKeySource source, CancellationToken cancel)
    {
        var app = database.Source(LedgerRole.App);
        if (await SealAsync(app, cancel) is not { } there)
        {
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            var made = new SecretCipher(source.Read(salt), salt);
            await using var insert = app.CreateCommand(Sql.Get("secrets.make_seal"));
            insert.Parameters.AddWithValue(salt);
            insert.Parameters.AddWithValue(made.Seal("aegis"u8, ProbePlace));
            await insert.ExecuteNonQueryAsync(cancel);
            // two servers may start on an empty ledger at once: the first row counts for both
            there = (await SealAsync(app, cancel))!.Value;
        }
        var cipher = new SecretCipher(source.Read(there.Salt), there.Salt);
        return cipher.Open(there.Probe, ProbePlace) is not null
            ? new SecretVault(database, cipher)
            : throw SecretErrors.WrongMasterKey(source.Name);
    }

    /// <summary>Stores a value as a new version.</summary>
    public async Task<SecretListing> SetAsync(Tenancy tenancy, TenancyKeys keys, string name, string value,
        string actor, CancellationToken cancel, StoredCheck<SecretListing>? check = null)
    {
        CheckName(name);
        var bytes = Bytes(value);
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var hold = session.Command("secrets.lock", keys.Tenant, keys.Project))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        check?.Invoke(await HoldAsync(session, keys, name, cancel));
        var version = await NextVersionAsync(session, keys, name, cancel);
        await using var put = session.Command("secrets.put", keys.Tenant, keys.Project, name, version,
            cipher.Seal(bytes, Place(tenancy, name, version)), cipher.Fingerprint(bytes), actor);
        try
        {
            var stored = (await ReadAsync(put, cancel))[0];
            await session.CommitAsync(cancel);
            return stored;
        }
        catch (PostgresException e) when (e is
            { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "secrets_one_without_case" })
        {
            throw SecretErrors.DiffersInCase(name);
        }
    }

    /// <summary>A secret without its value; null where there is none.</summary>
    public async Task<SecretListing?> DescribeAsync(TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var find = session.Command("secrets.describe", keys.Tenant, keys.Project, name);
        return (await ReadAsync(find, cancel)).FirstOrDefault();
    }

    public async Task<ImmutableArray<SecretListing>> ListAsync(TenancyKeys keys, CancellationToken cancel,
        string? after = null, int limit = int.MaxValue)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var list = session.Command("secrets.list", keys.Tenant, keys.Project, after, limit);
        return await ReadAsync(list, cancel);
    }

    /// <summary>False where there is no such secret.</summary>
    public async Task<bool> DeleteAsync(TenancyKeys keys, string name, CancellationToken cancel,
        StoredCheck<SecretListing>? check = null)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (check is not null)
        {
            if (await HoldAsync(session, keys, name, cancel) is not { } stored)
            {
                return false;
            }
            check(stored);
        }
        await using var delete = session.Command("secrets.delete", keys.Tenant, keys.Project, name);
        var gone = await delete.ExecuteNonQueryAsync(cancel) == 1;
        await session.CommitAsync(cancel);
        return gone;
    }

    /// <summary>The value, or null where there is none. For the server's own use (tools, signatures): no door
    /// hands it out.</summary>
    public async Task<string?> FindAsync(
        Tenancy tenancy, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var find = session.Command("secrets.find", keys.Tenant, keys.Project, name);
        await using var reader = await find.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            return null;
        }
        var place = Place(tenancy, name, reader.GetInt32(0));
        return cipher.Open(reader.GetFieldValue<byte[]>(1), place) is { } value
            ? Encoding.UTF8.GetString(value)
            : throw SecretErrors.Tampered(name);
    }

    private static async Task<SecretListing?> HoldAsync(
        ProjectSession session, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var hold = session.Command("secrets.hold", keys.Tenant, keys.Project, name);
        return (await ReadAsync(hold, cancel)).FirstOrDefault();
    }

    private static async Task<int> NextVersionAsync(
        ProjectSession session, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var count = session.Command("secrets.count", keys.Tenant, keys.Project, name);
        await using var reader = await count.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        if (!reader.IsDBNull(1))
        {
            return reader.GetInt32(1) + 1;
        }
        return reader.GetInt32(0) < SecretsMax ? 1 : throw SecretErrors.TooMany();
    }

    private static async Task<ImmutableArray<SecretListing>> ReadAsync(
        NpgsqlCommand command, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<SecretListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new SecretListing(reader.GetString(0), reader.GetInt32(1), reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3)));
        }
        return found.ToImmutable();
    }

    private static async Task<(byte[] Salt, byte[] Probe)?> SealAsync(
        NpgsqlDataSource app, CancellationToken cancel)
    {
        await using var command = app.CreateCommand(Sql.Get("secrets.seal"));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? (reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1))
            : null;
    }

    private static string Place(Tenancy tenancy, string name, int version) =>
        $"{tenancy.Tenant}\n{tenancy.Project}\n{name}\n{version}";

    private static byte[] Bytes(string value)
    {
        try
        {
            var bytes = Strict.GetBytes(value);
            return bytes.Length is > 0 and <= ValueBytesMax
                ? bytes
                : throw SecretErrors.BadValue($"{bytes.Length} bytes");
        }
        catch (EncoderFallbackException)
        {
            throw SecretErrors.BadValue("half of a surrogate pair");
        }
    }

    private static void CheckName(string name)
    {
        if (!IdRule.IsValid(name))
        {
            throw SecretErrors.BadName(name);
        }
    }
}
