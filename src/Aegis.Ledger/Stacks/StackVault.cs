using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Deployments.Stacks;
using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Stacks;

/// <summary>
/// States and plans of stacks, as role app. Both hold secrets in the clear, so that they are never on a disk
/// as they are: each is a blob that is sealed with a key of its own, and that key is sealed with the tenant's
/// data key as secrets are. Versions are never changed; the oldest go.
/// </summary>
public sealed class StackVault(LedgerDatabase database, SecretVault vault, BlobStore blobs)
{
    private const byte Format = 1;

    /// <summary>Keeps bytes as the next version, which is returned.</summary>
    public async Task<int> SealAsync(Tenancy tenancy, TenancyKeys keys, string name, StackNote note,
        ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var hold = session.Command("stacks.hold", keys.Tenant, keys.Project, name))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        await using var next = session.Command("stacks.next", keys.Tenant, keys.Project, name, note.Kind);
        var version = (int)(await next.ExecuteScalarAsync(cancel))!;
        var place = SealedPlace.StackKey(tenancy, $"{name}/{note.Kind}", version);
        var own = RandomNumberGenerator.GetBytes(SealedBox.KeyBytes);
        var blob = await PutAsync(tenancy, SealedBox.Seal(own, Format, content.Span, place), cancel);
        var data = await vault.DataKeys.NewestAsync(
            session, new TenantRef(keys.Tenant, tenancy.Tenant), cancel);
        await using var add = session.Command("stacks.add", keys.Tenant, keys.Project, name, note.Kind,
            version, blob.Hash, blob.Bytes, Convert.ToHexStringLower(SHA256.HashData(content.Span)),
            note.Base, note.Text, note.CallId, note.Actor, data.Version, data.Seal(own, place));
        CryptographicOperations.ZeroMemory(own);
        await add.ExecuteNonQueryAsync(cancel);
        var gone = await ForgetAsync(session, keys, name, note.Kind, version - Kept(note.Kind), cancel);
        await session.CommitAsync(cancel);
        foreach (var old in gone)
        {
            blobs.Delete(Folder(tenancy), old);
        }
        return version;
    }

    /// <summary>The newest first.</summary>
    public async Task<ImmutableArray<StackFile>> ListAsync(
        TenancyKeys keys, string name, string kind, CancellationToken cancel) =>
        [.. (await RowsAsync(keys, name, kind, cancel)).Select(r => r.File)];

    /// <summary>The bytes of a version; null where it is not kept.</summary>
    public async Task<byte[]?> OpenAsync(Tenancy tenancy, TenancyKeys keys, string name, string kind,
        int version, CancellationToken cancel)
    {
        if ((await RowsAsync(keys, name, kind, cancel)).Find(r => r.File.Version == version) is not { } row)
        {
            return null;
        }
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        var place = SealedPlace.StackKey(tenancy, $"{name}/{kind}", version);
        var data = await vault.DataKeys.FindAsync(
            session, new TenantRef(keys.Tenant, tenancy.Tenant), row.KeyVersion, cancel);
        await using var file = blobs.OpenRead(Folder(tenancy), row.Blob, verify: true);
        var bytes = new byte[row.Blob.Bytes];
        await file.ReadExactlyAsync(bytes, cancel);
        return data.Open(row.SealedKey, place) is { } own
            && SealedBox.Open(own, Format, bytes, place) is { } open ? open
            : throw new AegisException(new AegisError("AEGIS2684",
                $"{kind} {version} of the stack {name} was changed since it was sealed", "what was sealed",
                null, "go back to another version of it, and find out who can write there"));
    }

    /// <summary>Says what becomes of a plan; false where another call has used it.</summary>
    public async Task<bool> UseAsync(TenancyKeys keys, string name, int plan, string used, string callId,
        CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var use = session.Command(
            "stacks.use", keys.Tenant, keys.Project, name, plan, used, callId);
        var done = await use.ExecuteNonQueryAsync(cancel) == 1;
        await session.CommitAsync(cancel);
        return done;
    }

    private async Task<List<Row>> RowsAsync(
        TenancyKeys keys, string name, string kind, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var list = session.Command(
            "stacks.list", keys.Tenant, keys.Project, name, kind, Kept(kind));
        await using var reader = await list.ExecuteReaderAsync(cancel);
        var rows = new List<Row>();
        while (await reader.ReadAsync(cancel))
        {
            string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
            rows.Add(new Row(new StackFile(reader.GetInt32(0), reader.GetString(3), reader.GetInt64(2),
                    reader.IsDBNull(4) ? null : reader.GetInt32(4), reader.GetString(5), reader.GetString(6),
                    reader.GetString(7), reader.GetFieldValue<DateTimeOffset>(8), Text(9), Text(10)),
                new BlobRef(reader.GetString(1), reader.GetInt64(2)), reader.GetInt32(11),
                reader.GetFieldValue<byte[]>(12)));
        }
        return rows;
    }

    private async Task<BlobRef> PutAsync(Tenancy tenancy, byte[] sealedBytes, CancellationToken cancel)
    {
        await using var writer = blobs.CreateWriter(Folder(tenancy));
        await writer.WriteAsync(sealedBytes, cancel);
        return await writer.CompleteAsync(cancel);
    }

    private static async Task<List<BlobRef>> ForgetAsync(ProjectSession session, TenancyKeys keys,
        string name, string kind, int upTo, CancellationToken cancel)
    {
        await using var forget = session.Command(
            "stacks.forget", keys.Tenant, keys.Project, name, kind, upTo);
        await using var reader = await forget.ExecuteReaderAsync(cancel);
        var gone = new List<BlobRef>();
        while (await reader.ReadAsync(cancel))
        {
            gone.Add(new BlobRef(reader.GetString(0), reader.GetInt64(1)));
        }
        return gone;
    }

    private static int Kept(string kind) =>
        kind == StackFile.State ? StackLimits.StatesMax : StackLimits.PlansMax;

    private static string Folder(Tenancy tenancy) => $"{tenancy.Tenant}/{tenancy.Project}";

    private sealed record Row(StackFile File, BlobRef Blob, int KeyVersion, byte[] SealedKey);
}
