using System.Security.Cryptography;
using Aegis.Blobs;
using Aegis.Core.Runs.Events;
using Npgsql;

namespace Aegis.Ledger.Secrets;

/// <summary>The ledger's seal: the salt of its master key, and the probe that only that key opens.</summary>
internal sealed record LedgerSeal(byte[] Salt, byte[] Probe, int Generation);

/// <summary>
/// Changes the master key: every tenant's data keys are unwrapped with the old one and wrapped with the new
/// one, with the seal, in one transaction. No value is touched. Either all of it is done or nothing, so a
/// kill leaves a ledger that opens with exactly one of the two keys.
/// </summary>
internal sealed class MasterRotation(LedgerDatabase database)
{
    private const int SaltBytes = 32;

    public static byte[] NewSalt() => RandomNumberGenerator.GetBytes(SaltBytes);

    public async Task<MasterCipher> RunAsync(
        MasterCipher old, MasterKeySource source, string actor, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("master.hold", cancel);
        var salt = NewSalt();
        var next = new MasterCipher(source.Read(salt), salt, old.Generation + 1);
        if (await session.ExecuteAsync("master.put_seal", cancel, salt, next.Probe(), next.Generation) == 0)
        {
            throw SecretErrors.MasterKeyChanged();
        }
        foreach (var (tenant, version, wrapped) in await KeysAsync(session, cancel))
        {
            var key = old.Unwrap(wrapped, tenant.Id, version)
                ?? throw SecretErrors.KeyTampered(tenant.Id, version);
            await session.ExecuteAsync(
                "master.put_key", cancel, tenant.Key, version, next.Wrap(key, tenant.Id));
        }
        await SecretFact.AddEverywhereAsync(session, null,
            new MasterKeyRotated(SecretFact.NewId(), next.Generation, actor), cancel);
        await session.CommitAsync(cancel);
        return next;
    }

    private static async Task<List<(TenantRef Tenant, int Version, byte[] Wrapped)>> KeysAsync(
        EngineSession session, CancellationToken cancel)
    {
        await using var command = session.Command("master.keys");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var keys = new List<(TenantRef, int, byte[])>();
        while (await reader.ReadAsync(cancel))
        {
            keys.Add((new TenantRef(reader.GetInt32(0), reader.GetString(1)), reader.GetInt32(2),
                reader.GetFieldValue<byte[]>(3)));
        }
        return keys;
    }
}

/// <summary>
/// Finds the master key that opens the ledger. 1. The one of the configuration. 2. <c>secrets.key.next</c>
/// beside the home's own: a rotation was committed and then killed before the file had its name. 3. The
/// previous one of the configuration: the ledger's key is changed to the first.
/// </summary>
internal sealed class MasterOpening(
    LedgerDatabase database, MasterKeySource source, MasterKeySource? previous)
{
    public async Task<MasterCipher> RunAsync(CancellationToken cancel)
    {
        var seal = await SealAsync(cancel);
        if (Opened(source, seal) is { } cipher)
        {
            return cipher;
        }
        if (source.IsOwn && File.Exists(source.NextFile)
            && Opened(source with { KeyFile = source.NextFile }, seal) is { } finished)
        {
            DurableFile.Replace(source.NextFile, source.OwnFile);
            return finished;
        }
        if (previous is null || Opened(previous, seal) is not { } old)
        {
            throw SecretErrors.WrongMasterKey(source.Name);
        }
        // what the old key sealed itself would be lost with it
        await new Resealing(database, new DataKeys(old)).EndFirstFormatAsync(cancel);
        return await new MasterRotation(database).RunAsync(old, source, "operator", cancel);
    }

    private static MasterCipher? Opened(MasterKeySource source, LedgerSeal seal)
    {
        var cipher = new MasterCipher(source.Read(seal.Salt), seal.Salt, seal.Generation);
        return cipher.Opens(seal.Probe) ? cipher : null;
    }

    private async Task<LedgerSeal> SealAsync(CancellationToken cancel)
    {
        var app = database.Source(LedgerRole.App);
        if (await ReadAsync(app, cancel) is { } there)
        {
            return there;
        }
        var salt = MasterRotation.NewSalt();
        await using var insert = app.CreateCommand(Sql.Get("secrets.make_seal"));
        insert.Parameters.AddWithValue(salt);
        insert.Parameters.AddWithValue(new MasterCipher(source.Read(salt), salt, 1).Probe());
        await insert.ExecuteNonQueryAsync(cancel);
        // two servers may start on an empty ledger at once: the first row counts for both
        return (await ReadAsync(app, cancel))!;
    }

    private static async Task<LedgerSeal?> ReadAsync(NpgsqlDataSource app, CancellationToken cancel)
    {
        await using var command = app.CreateCommand(Sql.Get("secrets.seal"));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new LedgerSeal(reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1),
                reader.GetInt32(2))
            : null;
    }
}
