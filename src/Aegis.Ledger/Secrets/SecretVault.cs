using System.Collections.Immutable;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Secrets;

/// <summary>The secrets of all projects, as role app: row level security shows one project, and the database
/// holds sealed bytes only. Values are sealed with the tenant's data key, which the master key wraps. Every
/// change and use is written as a fact in the same transaction. Opened once at start, which finds out a wrong
/// master key.</summary>
public sealed partial class SecretVault
{
    public const int ValueBytesMax = 64 * 1024;
    public const int SecretsMax = 1_000;

    /// <summary>Hosts that one secret is bound to.</summary>
    public const int HostsMax = 20;

    /// <summary>How long a rotation may leave the version before valid.</summary>
    public static readonly TimeSpan OverlapMax = TimeSpan.FromDays(30);

    private readonly LedgerDatabase database;
    private readonly MasterKeySource source;
    private readonly SemaphoreSlim rotating = new(1);
    private DataKeys dataKeys;

    private SecretVault(LedgerDatabase database, MasterKeySource source, MasterCipher master) =>
        (this.database, this.source, dataKeys) = (database, source, new DataKeys(master));

    /// <summary>Called when a fact waits to be moved into its stream.</summary>
    public Action FactWaits { get; set; } = () => { };

    /// <summary>Seals what else of the ledger must not be read from a dump of it.</summary>
    internal DataKeys DataKeys => Volatile.Read(ref dataKeys);

    /// <summary>The key that download links are signed with.</summary>
    public byte[] LinkKey() => DataKeys.Master.LinkKey();

    /// <summary>Reads the master key and holds it against the ledger's probe; AEGIS4040 for another key. What
    /// earlier servers sealed with the master key itself is sealed anew.</summary>
    /// <param name="previous">The key that the ledger may still have; it is changed to the first.</param>
    public static async Task<SecretVault> OpenAsync(LedgerDatabase database, MasterKeySource source,
        CancellationToken cancel, MasterKeySource? previous = null)
    {
        var master = await new MasterOpening(database, source, previous).RunAsync(cancel);
        var vault = new SecretVault(database, source, master);
        await new Resealing(database, vault.DataKeys).EndFirstFormatAsync(cancel);
        return vault;
    }

    /// <summary>Stores a value as a new version; those before end.</summary>
    public async Task<SecretListing> SetAsync(Tenancy tenancy, TenancyKeys keys, string name, string value,
        string actor, CancellationToken cancel, StoredCheck<SecretListing>? check = null) =>
        (await StoreAsync(tenancy, keys, name, value, null, actor, stored =>
        {
            check?.Invoke(stored);
            return true;
        }, cancel))!;

    /// <summary>Stores a value as a new version and leaves the one before valid for a while, so that both
    /// ends can change at their own time; null where there is no such secret.</summary>
    public async Task<SecretListing?> RotateAsync(Tenancy tenancy, TenancyKeys keys, string name,
        string value, TimeSpan overlap, string actor, CancellationToken cancel)
    {
        if (overlap < TimeSpan.Zero || overlap > OverlapMax)
        {
            throw SecretErrors.BadOverlap(overlap);
        }
        return await StoreAsync(
            tenancy, keys, name, value, overlap, actor, stored => stored is not null, cancel);
    }

    /// <summary>Says where the secret may be sent; null where there is no such secret.</summary>
    public async Task<SecretListing?> BindAsync(TenancyKeys keys, string name, ImmutableArray<string> hosts,
        string actor, CancellationToken cancel)
    {
        var bound = SecretHosts.Check(hosts);
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var bind = session.Command("secrets.bind", keys.Tenant, keys.Project, name,
            bound.ToArray()))
        {
            if (await bind.ExecuteNonQueryAsync(cancel) == 0)
            {
                return null;
            }
        }
        await SecretFact.AddAsync(session, keys, name,
            new SecretBound(SecretFact.NewId(), name, bound, actor), cancel);
        var stored = (await SecretRows.ListAsync(session, keys, null, 1, name, cancel))[0];
        await CommitAsync(session, cancel);
        return stored;
    }

    /// <summary>False where there is no such secret.</summary>
    public async Task<bool> DeleteAsync(TenancyKeys keys, string name, string actor, CancellationToken cancel,
        StoredCheck<SecretListing>? check = null)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (check is not null)
        {
            if (await SecretRows.HoldAsync(session, keys, name, cancel) is not { } stored)
            {
                return false;
            }
            check(stored);
        }
        await using var delete = session.Command("secrets.delete", keys.Tenant, keys.Project, name);
        if (await delete.ExecuteScalarAsync(cancel) is not int version)
        {
            return false;
        }
        await SecretFact.AddAsync(session, keys, name,
            new SecretDeleted(SecretFact.NewId(), name, version, actor), cancel);
        await CommitAsync(session, cancel);
        return true;
    }

    /// <summary>A new data key for the whole tenant; everything of it is sealed anew.</summary>
    public async Task<DataKeyRotation> RotateDataKeyAsync(
        string tenant, string actor, CancellationToken cancel)
    {
        await rotating.WaitAsync(cancel);
        try
        {
            return await new Resealing(database, DataKeys).RotateAsync(tenant, actor, cancel);
        }
        finally
        {
            rotating.Release();
            FactWaits();
        }
    }

    /// <summary>Makes the home a new master key, and answers with its number. AEGIS4202 where the key is not
    /// the home's own. Download links that were made with the key before end.</summary>
    public async Task<int> RotateMasterAsync(string actor, CancellationToken cancel)
    {
        if (!source.IsOwn)
        {
            throw SecretErrors.KeyNotHere(source.Name);
        }
        await rotating.WaitAsync(cancel);
        try
        {
            DurableFile.Write(source.NextFile, MasterKeySource.NewKey());
            var next = await new MasterRotation(database)
                .RunAsync(DataKeys.Master, source with { KeyFile = source.NextFile }, actor, cancel);
            DurableFile.Replace(source.NextFile, source.OwnFile);
            Volatile.Write(ref dataKeys, new DataKeys(next));
            return next.Generation;
        }
        finally
        {
            rotating.Release();
            FactWaits();
        }
    }

    /// <param name="wanted">Looks at what is stored; false where it is to stay as it is.</param>
    private async Task<SecretListing?> StoreAsync(Tenancy tenancy, TenancyKeys keys, string name,
        string value, TimeSpan? overlap, string actor, Predicate<SecretListing?> wanted,
        CancellationToken cancel)
    {
        SecretRows.CheckName(name);
        var bytes = SecretRows.Bytes(value);
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var hold = session.Command("secrets.lock", keys.Tenant, keys.Project))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        if (!wanted(await SecretRows.HoldAsync(session, keys, name, cancel)))
        {
            return null;
        }
        var version = await SecretRows.NextVersionAsync(session, keys, name, cancel);
        var key = await DataKeys.NewestAsync(session, new TenantRef(keys.Tenant, tenancy.Tenant), cancel);
        await PutAsync(session, keys, name, version, actor, cancel);
        var until = await SecretRows.EndOlderAsync(session, keys, name, version, overlap, cancel);
        var print = key.Fingerprint(bytes);
        await using (var put = session.Command("secrets.put_version", keys.Tenant, keys.Project, name,
            version, key.Version, key.Seal(bytes, SealedPlace.Secret(tenancy, name, version)), print, actor))
        {
            await put.ExecuteNonQueryAsync(cancel);
        }
        await SecretFact.AddAsync(session, keys, name,
            new SecretStored(SecretFact.NewId(), name, version, print, key.Version, actor, until), cancel);
        var stored = (await SecretRows.ListAsync(session, keys, null, 1, name, cancel))[0];
        await CommitAsync(session, cancel);
        return stored;
    }

    private static async Task PutAsync(ProjectSession session, TenancyKeys keys, string name, int version,
        string actor, CancellationToken cancel)
    {
        try
        {
            await using var put = session.Command(
                "secrets.put", keys.Tenant, keys.Project, name, version, actor);
            await put.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException e) when (e is
            { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "secrets_one_without_case" })
        {
            throw SecretErrors.DiffersInCase(name);
        }
    }

    private async Task CommitAsync(ProjectSession session, CancellationToken cancel)
    {
        await session.CommitAsync(cancel);
        FactWaits();
    }
}
