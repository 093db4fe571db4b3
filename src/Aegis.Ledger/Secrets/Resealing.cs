using Aegis.Core;
using Aegis.Core.Runs.Events;

namespace Aegis.Ledger.Secrets;

/// <summary>
/// Seals anew, as role engine, what is sealed with another key than the tenant's newest: values of the first
/// format after an update, everything after a rotation. Pages of rows are locked, opened, sealed and written
/// in one transaction each, so a kill leaves rows of both keys and the next run goes on. What does not open
/// stays as it is: it was tampered with, and its key with it.
/// </summary>
internal sealed class Resealing(LedgerDatabase database, DataKeys keys)
{
    private const int Page = 100;

    /// <summary>Moves everything that earlier servers sealed with the master key itself.</summary>
    public async Task EndFirstFormatAsync(CancellationToken cancel)
    {
        foreach (var tenant in await FirstFormatAsync(cancel))
        {
            DataKey key;
            await using (var session = await EngineSession.OpenAsync(database, cancel))
            {
                key = await keys.NewestAsync(session, tenant, cancel);
                await session.CommitAsync(cancel);
            }
            await MoveAsync(tenant, key, cancel);
        }
    }

    /// <summary>A new data key for a tenant, and everything of it sealed with that.</summary>
    public async Task<DataKeyRotation> RotateAsync(string tenantId, string actor, CancellationToken cancel)
    {
        DataKey key;
        TenantRef tenant;
        await using (var session = await EngineSession.OpenAsync(database, cancel))
        {
            await using var find = session.Command("data_keys.tenant", tenantId);
            tenant = new TenantRef((int)(await find.ExecuteScalarAsync(cancel))!, tenantId);
            key = (await keys.NewestAsync(session, tenant, cancel)).Next();
            await keys.AddAsync(session, tenant, key, cancel);
            await session.CommitAsync(cancel);
        }
        await using (var session = await EngineSession.OpenAsync(database, cancel))
        {
            // another rotation may have been faster: its key serves as well
            key = await keys.NewestAsync(session, tenant, cancel);
        }
        var moved = await MoveAsync(tenant, key, cancel);
        await using var end = await EngineSession.OpenAsync(database, cancel);
        await end.ExecuteAsync("data_keys.hold_alone", cancel, tenant.Key);
        await end.ExecuteAsync("data_keys.drop_unused", cancel, tenant.Key, key.Version);
        await SecretFact.AddEverywhereAsync(end, tenant.Key,
            new DataKeyRotated(SecretFact.NewId(), key.Version, moved, actor), cancel);
        await end.CommitAsync(cancel);
        return new DataKeyRotation(key.Version, moved);
    }

    private async Task<int> MoveAsync(TenantRef tenant, DataKey key, CancellationToken cancel) =>
        await MoveAsync("reseal.secrets", tenant, key, SecretPlace, PutSecretAsync, cancel)
        + await MoveAsync("reseal.artifact_keys", tenant, key, ArtifactKeyPlace, PutArtifactKeyAsync, cancel)
        + await MoveAsync("reseal.stack_keys", tenant, key, StackKeyPlace, PutStackKeyAsync, cancel);

    private async Task<int> MoveAsync(string query, TenantRef tenant, DataKey key,
        Func<TenantRef, Row, string> place,
        Func<EngineSession, TenantRef, DataKey, Row, byte[], string, CancellationToken, Task> put,
        CancellationToken cancel)
    {
        var (moved, last) = (0, new Row(0, "", "", 0, null, []));
        while (true)
        {
            await using var session = await EngineSession.OpenAsync(database, cancel);
            // another node may have rotated since
            key = await keys.NewestAsync(session, tenant, cancel);
            var rows = await ReadAsync(session, query, tenant, key, last, cancel);
            foreach (var row in rows)
            {
                if (await OpenAsync(session, tenant, row, place(tenant, row), cancel) is { } value)
                {
                    await put(session, tenant, key, row, value, place(tenant, row), cancel);
                    moved++;
                }
            }
            await session.CommitAsync(cancel);
            if (rows.Count < Page)
            {
                return moved;
            }
            last = rows[^1];
        }
    }

    private async Task<byte[]?> OpenAsync(
        EngineSession session, TenantRef tenant, Row row, string place, CancellationToken cancel) =>
        row.KeyVersion is { } version
            ? (await keys.FindAsync(session, tenant, version, cancel)).Open(row.Sealed, place)
            : keys.Master.OpenFirst(row.Sealed, place);

    private static Task PutSecretAsync(EngineSession session, TenantRef tenant, DataKey key, Row row,
        byte[] value, string place, CancellationToken cancel) =>
        session.ExecuteAsync("reseal.put_secret", cancel, tenant.Key, row.ProjectKey, row.Name, row.Version,
            key.Version, key.Seal(value, place), key.Fingerprint(value));

    private static Task PutArtifactKeyAsync(EngineSession session, TenantRef tenant, DataKey key, Row row,
        byte[] value, string place, CancellationToken cancel) =>
        session.ExecuteAsync("reseal.put_artifact_key", cancel, tenant.Key, row.ProjectKey, row.Name,
            key.Version, key.Seal(value, place));

    private static Task PutStackKeyAsync(EngineSession session, TenantRef tenant, DataKey key, Row row,
        byte[] value, string place, CancellationToken cancel) =>
        session.ExecuteAsync("reseal.put_stack_key", cancel, tenant.Key, row.ProjectKey, row.Name,
            row.Version, key.Version, key.Seal(value, place));

    private static string StackKeyPlace(TenantRef tenant, Row row) =>
        SealedPlace.StackKey(new Tenancy(tenant.Id, row.Project), row.Name, row.Version);

    private static string SecretPlace(TenantRef tenant, Row row) =>
        SealedPlace.Secret(new Tenancy(tenant.Id, row.Project), row.Name, row.Version);

    private static string ArtifactKeyPlace(TenantRef tenant, Row row) =>
        SealedPlace.ArtifactKey(new Tenancy(tenant.Id, row.Project), row.Name);

    private static async Task<List<Row>> ReadAsync(EngineSession session, string query, TenantRef tenant,
        DataKey key, Row after, CancellationToken cancel)
    {
        await using var command = session.Command(query, tenant.Key, key.Version, after.ProjectKey,
            after.Name, after.Version, Page);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<Row>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new Row(reader.GetInt32(0), reader.GetString(1), reader.GetString(2),
                reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetInt32(4),
                reader.GetFieldValue<byte[]>(5)));
        }
        return rows;
    }

    private async Task<List<TenantRef>> FirstFormatAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await using var command = session.Command("data_keys.first_format");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var tenants = new List<TenantRef>();
        while (await reader.ReadAsync(cancel))
        {
            tenants.Add(new TenantRef(reader.GetInt32(0), reader.GetString(1)));
        }
        return tenants;
    }

    private sealed record Row(
        int ProjectKey, string Project, string Name, int Version, int? KeyVersion, byte[] Sealed);
}

/// <summary>What a rotation of a tenant's data key came to.</summary>
/// <param name="Resealed">Values, and keys of artifacts and stacks, that were sealed anew.</param>
public sealed record DataKeyRotation(int KeyVersion, int Resealed);
