using System.Collections.Immutable;
using System.Text;
using Aegis.Core;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Secrets;

/// <summary>A value as it is stored.</summary>
/// <param name="KeyVersion">Null for the first format, which a start has not reached yet.</param>
internal sealed record SealedRow(
    int Version, int? KeyVersion, byte[] Sealed, string Fingerprint, ImmutableArray<string> Hosts);

/// <summary>The rows behind the vault.</summary>
internal static class SecretRows
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static async Task<ImmutableArray<SecretListing>> ListAsync(ProjectSession session,
        TenancyKeys keys, string? after, int limit, string? name, CancellationToken cancel)
    {
        await using var list = session.Command(
            "secrets.list", keys.Tenant, keys.Project, after, limit, name);
        await using var reader = await list.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<SecretListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new SecretListing(reader.GetString(0), reader.GetInt32(1), reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3), [.. reader.GetFieldValue<string[]>(4)],
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)));
        }
        return found.ToImmutable();
    }

    public static async Task<SecretListing?> HoldAsync(
        ProjectSession session, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using (var hold = session.Command("secrets.hold", keys.Tenant, keys.Project, name))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        return (await ListAsync(session, keys, null, 1, name, cancel)).FirstOrDefault();
    }

    public static async Task<int> NextVersionAsync(
        ProjectSession session, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var count = session.Command("secrets.count", keys.Tenant, keys.Project, name);
        await using var reader = await count.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        if (!reader.IsDBNull(1))
        {
            return reader.GetInt32(1) + 1;
        }
        return reader.GetInt32(0) < SecretVault.SecretsMax ? 1 : throw SecretErrors.TooMany();
    }

    /// <summary>Ends the versions before; the newest of them at the end of the overlap, which is
    /// returned.</summary>
    public static async Task<DateTimeOffset?> EndOlderAsync(ProjectSession session, TenancyKeys keys,
        string name, int version, TimeSpan? overlap, CancellationToken cancel)
    {
        var kept = overlap > TimeSpan.Zero && version > 1;
        await using (var end = session.Command("secrets.end_versions", keys.Tenant, keys.Project, name,
            kept ? version - 1 : version))
        {
            await end.ExecuteNonQueryAsync(cancel);
        }
        if (!kept)
        {
            return null;
        }
        await using var keep = session.Command("secrets.keep_version", keys.Tenant, keys.Project, name,
            version - 1, overlap!.Value.TotalSeconds);
        await using var reader = await keep.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? reader.GetFieldValue<DateTimeOffset>(0) : null;
    }

    public static async Task<List<SealedRow>> SealedAsync(
        ProjectSession session, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var find = session.Command("secrets.values", keys.Tenant, keys.Project, name);
        await using var reader = await find.ExecuteReaderAsync(cancel);
        var rows = new List<SealedRow>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new SealedRow(reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetInt32(1),
                reader.GetFieldValue<byte[]>(2), reader.GetString(3),
                [.. reader.GetFieldValue<string[]>(4)]));
        }
        return rows;
    }

    public static byte[] Bytes(string value)
    {
        try
        {
            var bytes = Strict.GetBytes(value);
            return bytes.Length is > 0 and <= SecretVault.ValueBytesMax
                ? bytes
                : throw SecretErrors.BadValue($"{bytes.Length} bytes");
        }
        catch (EncoderFallbackException)
        {
            throw SecretErrors.BadValue("half of a surrogate pair");
        }
    }

    public static void CheckName(string name)
    {
        if (!IdRule.IsValid(name))
        {
            throw SecretErrors.BadName(name);
        }
    }
}
