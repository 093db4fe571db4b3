using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Signatures;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Artifacts;

/// <summary>A key's public half (SubjectPublicKeyInfo).</summary>
public sealed record ArtifactPublicKey(string KeyId, byte[] PublicKey, DateTimeOffset CreatedAt)
{
    public string Pem => PemEncoding.WriteString("PUBLIC KEY", PublicKey);
}

/// <summary>A project's key, open for signing.</summary>
public sealed class ArtifactSigner(string keyId, byte[] publicKey, ECDsa key) : IDisposable
{
    public string KeyId => keyId;

    public byte[] PublicKey => publicKey;

    public ECDsa Key => key;

    public void Dispose() => key.Dispose();
}

/// <summary>The keys that sign a project's artifacts: ECDSA P-256, made at first use, the private half sealed
/// as secrets are.</summary>
public sealed class ArtifactKeys(LedgerDatabase database, SecretVault vault)
{
    public async Task<ImmutableArray<ArtifactPublicKey>> ListAsync(
        TenancyKeys keys, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return [.. (await ReadAsync(session, keys, cancel)).Select(k => k.Public)];
    }

    /// <summary>The project's newest key; two first uses at once come to one.</summary>
    public async Task<ArtifactSigner> OpenAsync(Tenancy tenancy, TenancyKeys keys, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (await ReadAsync(session, keys, cancel) is [var there, ..])
        {
            return await OpenedAsync(session, tenancy, keys, there, cancel);
        }
        await using (var hold = session.Command("artifact_keys.lock", keys.Tenant, keys.Project))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        if (await ReadAsync(session, keys, cancel) is [var meanwhile, ..])
        {
            return await OpenedAsync(session, tenancy, keys, meanwhile, cancel);
        }
        return await MakeAsync(session, tenancy, keys, cancel);
    }

    private async Task<ArtifactSigner> MakeAsync(
        ProjectSession session, Tenancy tenancy, TenancyKeys keys, CancellationToken cancel)
    {
        var key = P256Signature.NewKey();
        var open = key.ExportSubjectPublicKeyInfo();
        var id = P256Signature.KeyId(open);
        var secret = key.ExportPkcs8PrivateKey();
        var seal = await vault.DataKeys.NewestAsync(
            session, new TenantRef(keys.Tenant, tenancy.Tenant), cancel);
        await using var add = session.Command("artifact_keys.add", keys.Tenant, keys.Project, id, open,
            seal.Seal(secret, SealedPlace.ArtifactKey(tenancy, id)), seal.Version);
        CryptographicOperations.ZeroMemory(secret);
        await add.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
        return new ArtifactSigner(id, open, key);
    }

    private async Task<ArtifactSigner> OpenedAsync(ProjectSession session, Tenancy tenancy, TenancyKeys keys,
        StoredKey stored, CancellationToken cancel)
    {
        var (id, open) = (stored.Public.KeyId, stored.Public.PublicKey);
        var seal = stored.KeyVersion is { } version ? await vault.DataKeys.FindAsync(
            session, new TenantRef(keys.Tenant, tenancy.Tenant), version, cancel) : null;
        if (seal?.Open(stored.Sealed, SealedPlace.ArtifactKey(tenancy, id)) is not { } secret)
        {
            throw ArtifactErrors.KeyTampered(id);
        }
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(secret, out _);
        CryptographicOperations.ZeroMemory(secret);
        return new ArtifactSigner(id, open, key);
    }

    private static async Task<List<StoredKey>> ReadAsync(
        ProjectSession session, TenancyKeys keys, CancellationToken cancel)
    {
        await using var list = session.Command("artifact_keys.list", keys.Tenant, keys.Project);
        await using var reader = await list.ExecuteReaderAsync(cancel);
        var found = new List<StoredKey>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new StoredKey(new ArtifactPublicKey(reader.GetString(0),
                reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<DateTimeOffset>(2)),
                reader.GetFieldValue<byte[]>(3), reader.IsDBNull(4) ? null : reader.GetInt32(4)));
        }
        return found;
    }

    private sealed record StoredKey(ArtifactPublicKey Public, byte[] Sealed, int? KeyVersion);
}
