using System.Collections.Immutable;
using System.Text;
using Aegis.Core;
using Aegis.Core.Policy;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Secrets;

public sealed partial class SecretVault
{
    /// <summary>A secret without its value; null where there is none.</summary>
    public async Task<SecretListing?> DescribeAsync(TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return (await SecretRows.ListAsync(session, keys, null, 1, name, cancel)).FirstOrDefault();
    }

    public async Task<ImmutableArray<SecretListing>> ListAsync(TenancyKeys keys, CancellationToken cancel,
        string? after = null, int limit = int.MaxValue)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return await SecretRows.ListAsync(session, keys, after, limit, null, cancel);
    }

    /// <summary>The newest value for a use that is recorded before this answers; null where there is no such
    /// secret. AEGIS4206 where it is bound to other hosts than the one it is to be sent to.</summary>
    /// <param name="target">Where it is to be sent; null where it stays on this machine.</param>
    public async Task<OpenSecret?> UseAsync(Tenancy tenancy, TenancyKeys keys, string name, SecretUse use,
        CancellationToken cancel, EgressTarget? target = null)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (await ValuesAsync(session, tenancy, keys, name, cancel) is not [var newest, ..])
        {
            return null;
        }
        if (target is not null && !newest.Hosts.IsEmpty && !SecretHosts.Cover(newest.Hosts, target))
        {
            throw SecretErrors.NotBoundTo(name, target.ToString());
        }
        await SecretFact.AddAsync(session, keys, name, Used(newest, use), cancel);
        await CommitAsync(session, cancel);
        return newest;
    }

    /// <summary>The value of a secret that is bound to this host; null for every other. For what sends
    /// secrets that no step names: the egress proxy.</summary>
    public async Task<OpenSecret?> UseBoundAsync(Tenancy tenancy, TenancyKeys keys, string name,
        SecretUse use, EgressTarget target, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (await ValuesAsync(session, tenancy, keys, name, cancel) is not [var newest, ..]
            || !SecretHosts.Cover(newest.Hosts, target))
        {
            return null;
        }
        await SecretFact.AddAsync(session, keys, name, Used(newest, use), cancel);
        await CommitAsync(session, cancel);
        return newest;
    }

    /// <summary>Names of the secrets that are bound to hosts: those that placeholders may stand
    /// for.</summary>
    public async Task<ImmutableArray<string>> BoundAsync(TenancyKeys keys, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var find = session.Command("secrets.bound", keys.Tenant, keys.Project);
        await using var reader = await find.ExecuteReaderAsync(cancel);
        var names = ImmutableArray.CreateBuilder<string>();
        while (await reader.ReadAsync(cancel))
        {
            names.Add(reader.GetString(0));
        }
        return names.ToImmutable();
    }

    /// <summary>All values that are valid now, the newest first, without a record: who checks a stranger's
    /// signature says afterwards by <see cref="UsedAsync"/> which one it was, if any. A stranger must not
    /// fill the ledger.</summary>
    public async Task<ImmutableArray<OpenSecret>> PeekAsync(
        Tenancy tenancy, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return await ValuesAsync(session, tenancy, keys, name, cancel);
    }

    /// <summary>Records a use of what <see cref="PeekAsync"/> gave.</summary>
    public async Task UsedAsync(
        TenancyKeys keys, OpenSecret secret, SecretUse use, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await SecretFact.AddAsync(session, keys, secret.Name, Used(secret, use), cancel);
        await CommitAsync(session, cancel);
    }

    private async Task<ImmutableArray<OpenSecret>> ValuesAsync(ProjectSession session, Tenancy tenancy,
        TenancyKeys keys, string name, CancellationToken cancel)
    {
        var open = ImmutableArray.CreateBuilder<OpenSecret>();
        var tenant = new TenantRef(keys.Tenant, tenancy.Tenant);
        foreach (var row in await SecretRows.SealedAsync(session, keys, name, cancel))
        {
            var place = SealedPlace.Secret(tenancy, name, row.Version);
            var value = row.KeyVersion is { } version
                ? (await DataKeys.FindAsync(session, tenant, version, cancel)).Open(row.Sealed, place)
                : null;
            open.Add(value is not null
                ? new OpenSecret(
                    name, row.Version, row.Fingerprint, Encoding.UTF8.GetString(value), row.Hosts)
                : throw SecretErrors.Tampered(name));
        }
        return open.ToImmutable();
    }

    private static SecretUsed Used(OpenSecret secret, SecretUse use) => new(SecretFact.NewId(), secret.Name,
        secret.Version, secret.Fingerprint, use.Actor, use.Purpose, use.Host, use.RunId, use.StepId);
}
