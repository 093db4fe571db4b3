using System.Collections.Concurrent;
using Aegis.Core.Caching;
using Npgsql;

namespace Aegis.Ledger.Secrets;

/// <summary>A tenant: its key in the database, and the id that is authenticated with what is
/// sealed.</summary>
internal readonly record struct TenantRef(int Key, string Id);

/// <summary>The tenants' data keys, unwrapped as they are needed and kept in memory.</summary>
internal sealed class DataKeys(MasterCipher master)
{
    private const int KeptMax = 4_096;
    private readonly ConcurrentDictionary<(int Tenant, int Version), DataKey> kept = new();

    public MasterCipher Master => master;

    /// <summary>The key to seal with; made where the tenant has none yet. It stays until the transaction has
    /// ended, so that a rotation takes none away that is about to be used.</summary>
    public async Task<DataKey> NewestAsync(ICommandSource session, TenantRef tenant, CancellationToken cancel)
    {
        await using (var hold = session.Command("data_keys.hold", tenant.Key))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        if (await ReadAsync(session, "data_keys.newest", tenant, null, cancel) is { } there)
        {
            return there;
        }
        await AddAsync(session, tenant, DataKey.Make(), cancel);
        // two first uses may come at once: the first row counts for both
        return await ReadAsync(session, "data_keys.newest", tenant, null, cancel)
            ?? throw SecretErrors.MasterKeyChanged();
    }

    /// <summary>The key that something was sealed with.</summary>
    public async Task<DataKey> FindAsync(
        ICommandSource session, TenantRef tenant, int version, CancellationToken cancel) =>
        kept.TryGetValue((tenant.Key, version), out var known) ? known
            : await ReadAsync(session, "data_keys.find", tenant, version, cancel)
                ?? throw SecretErrors.MasterKeyChanged();

    /// <summary>Stores the key, or does nothing where the version is there or the master key is another
    /// by now.</summary>
    public async Task AddAsync(
        ICommandSource session, TenantRef tenant, DataKey key, CancellationToken cancel)
    {
        await using var add = session.Command("data_keys.add", tenant.Key, key.Version,
            master.Wrap(key, tenant.Id), master.Generation);
        await add.ExecuteNonQueryAsync(cancel);
    }

    private async Task<DataKey?> ReadAsync(ICommandSource session, string query, TenantRef tenant,
        int? version, CancellationToken cancel)
    {
        await using var find = version is null
            ? session.Command(query, tenant.Key)
            : session.Command(query, tenant.Key, version);
        await using var reader = await find.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            return null;
        }
        var found = reader.GetInt32(0);
        if (kept.TryGetValue((tenant.Key, found), out var known))
        {
            return known;
        }
        var key = master.Unwrap(reader.GetFieldValue<byte[]>(1), tenant.Id, found)
            ?? throw SecretErrors.MasterKeyChanged();
        return kept.Keep((tenant.Key, found), key, KeptMax);
    }
}
