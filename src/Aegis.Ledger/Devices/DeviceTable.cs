using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Devices;

/// <summary>Pairing offers, what asks to be paired, and the devices of a project, as role app.</summary>
public sealed class DeviceTable(LedgerDatabase database, TenantDirectory tenants)
{
    /// <summary>Offers of a project at once.</summary>
    public const int OffersMax = 20;

    /// <summary>Codes of one offer that are valid at once.</summary>
    public const int CodesMax = 10;

    /// <summary>Wrong codes that void an offer.</summary>
    public const int TriesMax = 5;

    public const int NameCharsMax = 64;

    /// <summary>How long a code can be confirmed.</summary>
    public static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(2);

    public static readonly TimeSpan OfferLifeMax = TimeSpan.FromHours(24);

    /// <summary>Null where the project has as many as it may have.</summary>
    public async Task<PairingOffer?> OfferAsync(TenancyKeys keys, byte[] tokenSha256, string keyId,
        ImmutableArray<string> scopes, TimeSpan life, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await RunAsync(session, "offers.lock", cancel, keys.Tenant, keys.Project);
        await RunAsync(session, "offers.clean", cancel, keys.Tenant, keys.Project);
        if (await ScalarAsync<int>(session, "offers.count", cancel, keys.Tenant, keys.Project) >= OffersMax)
        {
            return null;
        }
        var id = NewId("off_");
        var expires = await ScalarAsync<DateTime>(session, "offers.add", cancel, keys.Tenant, keys.Project,
            id, tokenSha256, keyId, scopes.ToArray(), life.TotalSeconds);
        await session.CommitAsync(cancel);
        var until = new DateTimeOffset(expires, TimeSpan.Zero);
        return new PairingOffer(id, keyId, scopes, 0, until - life, until);
    }

    /// <summary>Null for one that is unknown or has expired.</summary>
    public async Task<PairingOffer?> FindOfferAsync(
        TenancyKeys keys, string offerId, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        return await FindAsync(session, keys, offerId, cancel);
    }

    /// <summary>False where there is none.</summary>
    public async Task<bool> EndOfferAsync(TenancyKeys keys, string offerId, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        var ended = await RunAsync(session, "offers.end", cancel, keys.Tenant, keys.Project, offerId);
        await session.CommitAsync(cancel);
        return ended > 0;
    }

    /// <summary>A device asks; the answer is the pairing's id. Null where the offer is over or has as many
    /// codes as it may have.</summary>
    public async Task<PairingRequest?> BeginAsync(
        TenancyKeys keys, string offerId, string kind, string name, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await RunAsync(session, "offers.lock", cancel, keys.Tenant, keys.Project);
        if (await FindAsync(session, keys, offerId, cancel) is null
            || await ScalarAsync<int>(session, "pairings.count", cancel, keys.Tenant, keys.Project, offerId)
                >= CodesMax)
        {
            return null;
        }
        var id = NewId("pair_");
        var expires = await ScalarAsync<DateTime>(session, "pairings.add", cancel, keys.Tenant, keys.Project,
            offerId, id, kind, name, CodeLife.TotalSeconds);
        await session.CommitAsync(cancel);
        var until = new DateTimeOffset(expires, TimeSpan.Zero);
        return new PairingRequest(id, kind, name, until - CodeLife, until, false);
    }

    /// <summary>What asks to be paired with an offer now, the newest first.</summary>
    public async Task<IReadOnlyList<PairingRequest>> RequestsAsync(
        TenancyKeys keys, string offerId, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var command = session.Command(
            "pairings.list", keys.Tenant, keys.Project, offerId, CodesMax * 2);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<PairingRequest>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new PairingRequest(reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4),
                !reader.IsDBNull(5)));
        }
        return found;
    }

    /// <summary>
    /// One try of a code: 1. it is counted, whatever comes of it; 2. the code is compared; 3. a right one, in
    /// time, confirms the pairing, once, and forgives the wrong ones; 4. the device gets its key. A crash
    /// behind 3 leaves no device: it pairs again.
    /// </summary>
    /// <param name="isRight">Compares in constant time.</param>
    public async Task<PairingVerdict> ConfirmAsync(Tenancy tenancy, TenancyKeys keys, string offerId,
        string pairingId, Func<bool> isRight, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        var taken = await TryAsync(session, keys, offerId, cancel);
        if (taken is not var (tries, keyId, scopes))
        {
            return new PairingVerdict(await FindAsync(session, keys, offerId, cancel) is null
                ? PairingEnd.Expired : PairingEnd.Locked);
        }
        var open = await ScalarAsync<bool>(
            session, "pairings.open", cancel, keys.Tenant, keys.Project, offerId, pairingId);
        if (!isRight() || !open)
        {
            if (tries == TriesMax)
            {
                await AddFactAsync(session, keys, new PairingLocked(SecretFact.NewId(), offerId,
                    $"key:{keyId}"), cancel);
            }
            await session.CommitAsync(cancel);
            return new PairingVerdict(open ? PairingEnd.WrongCode : PairingEnd.Expired,
                TriesLeft: TriesMax - tries);
        }
        var device = await ConfirmedAsync(session, keys, offerId, pairingId, cancel);
        await RunAsync(session, "offers.forgive", cancel, keys.Tenant, keys.Project, offerId);
        await session.CommitAsync(cancel);
        return device is var (kind, name)
            && await MakeAsync(tenancy, keys, keyId, scopes, kind, name, cancel) is { } made
            ? new PairingVerdict(PairingEnd.Paired, made)
            : new PairingVerdict(PairingEnd.Expired);
    }

    /// <summary>In the order of ids.</summary>
    public async Task<IReadOnlyList<DeviceListing>> ListAsync(TenancyKeys keys, CancellationToken cancel,
        string? after = null, string? only = null, string? ofKey = null, int limit = int.MaxValue)
    {
        await using var session = await OpenAsync(keys, cancel);
        return await ListAsync(session, keys, after, only, ofKey, limit, cancel);
    }

    /// <summary>Ends a device; its key's id, or null where there is no such live one.</summary>
    public async Task<string?> RevokeAsync(Tenancy tenancy, TenancyKeys keys, string deviceId, string actor,
        CancellationToken cancel, StoredCheck<DeviceListing>? check = null)
    {
        await using var session = await OpenAsync(keys, cancel);
        if (await ListAsync(session, keys, null, deviceId, null, 1, cancel) is not [var device])
        {
            return null;
        }
        check?.Invoke(device);
        // the key first: whatever comes between, the device is out
        await tenants.RevokeKeyAsync(tenancy.Tenant, device.KeyId, cancel);
        if (await RunAsync(session, "devices.revoke", cancel, keys.Tenant, keys.Project, deviceId) > 0
            && device.RevokedAt is null)
        {
            await AddFactAsync(session, keys,
                new DeviceRevoked(SecretFact.NewId(), deviceId, device.KeyId, actor), cancel);
        }
        await session.CommitAsync(cancel);
        return device.KeyId;
    }

    private async Task<PairedDevice?> MakeAsync(Tenancy tenancy, TenancyKeys keys, string keyId,
        ImmutableArray<string> scopes, string kind, string name, CancellationToken cancel)
    {
        if (await tenants.CreateDeviceKeyAsync(tenancy, $"device {name}", scopes, keyId, cancel)
            is not { } key)
        {
            return null;
        }
        var (id, actor) = (NewId("dev_"), $"key:{keyId}");
        await using var session = await OpenAsync(keys, cancel);
        await RunAsync(session, "devices.add", cancel, keys.Tenant, keys.Project, id, key.KeyId, kind, name,
            scopes.ToArray(), actor);
        await AddFactAsync(session, keys, new DevicePaired(
            SecretFact.NewId(), id, key.KeyId, kind, name, scopes, actor), cancel);
        await session.CommitAsync(cancel);
        return new PairedDevice(id, key.Secret, scopes);
    }

    private static async Task<(int Tries, string KeyId, ImmutableArray<string> Scopes)?> TryAsync(
        ProjectSession session, TenancyKeys keys, string offerId, CancellationToken cancel)
    {
        await using var command = session.Command("offers.try", keys.Tenant, keys.Project, offerId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? (reader.GetInt32(0), reader.GetString(1), [.. reader.GetFieldValue<string[]>(2)])
            : null;
    }

    private static async Task<(string Kind, string Name)?> ConfirmedAsync(ProjectSession session,
        TenancyKeys keys, string offerId, string pairingId, CancellationToken cancel)
    {
        await using var command = session.Command(
            "pairings.confirm", keys.Tenant, keys.Project, offerId, pairingId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? (reader.GetString(0), reader.GetString(1)) : null;
    }

    private static async Task<PairingOffer?> FindAsync(
        ProjectSession session, TenancyKeys keys, string offerId, CancellationToken cancel)
    {
        await using var command = session.Command("offers.find", keys.Tenant, keys.Project, offerId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new PairingOffer(offerId, reader.GetString(0), [.. reader.GetFieldValue<string[]>(1)],
                reader.GetInt32(2), reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetFieldValue<DateTimeOffset>(4))
            : null;
    }

    private static async Task<IReadOnlyList<DeviceListing>> ListAsync(ProjectSession session,
        TenancyKeys keys, string? after, string? only, string? ofKey, int limit, CancellationToken cancel)
    {
        await using var command = session.Command(
            "devices.list", keys.Tenant, keys.Project, after, only, ofKey, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<DeviceListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new DeviceListing(reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.GetString(3), [.. reader.GetFieldValue<string[]>(4)], reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7)));
        }
        return found;
    }

    private static Task AddFactAsync(
        ProjectSession session, TenancyKeys keys, RunEvent fact, CancellationToken cancel) =>
        SecretFact.AddToAsync(session, keys, SecretStream.Devices, fact, cancel);

    private Task<ProjectSession> OpenAsync(TenancyKeys keys, CancellationToken cancel) =>
        database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);

    private static async Task<int> RunAsync(
        ProjectSession session, string query, CancellationToken cancel, params object?[] values)
    {
        await using var command = session.Command(query, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<T> ScalarAsync<T>(
        ProjectSession session, string query, CancellationToken cancel, params object?[] values)
    {
        await using var command = session.Command(query, values);
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static string NewId(string prefix) =>
        prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
}
