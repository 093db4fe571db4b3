using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Secrets;

namespace Aegis.Ledger.Tenants;

/// <summary>The versions of a project's profile, as role app. A version is never changed; a run is pinned to
/// one.</summary>
public sealed class ProfileStore(LedgerDatabase database)
{
    public const int BytesMax = 4 * 1024 * 1024;

    public Task<ProjectProfile?> NewestAsync(TenancyKeys keys, CancellationToken cancel) =>
        ReadAsync(keys, "profiles.newest", [], cancel);

    public Task<ProjectProfile?> OfVersionAsync(TenancyKeys keys, int version, CancellationToken cancel) =>
        ReadAsync(keys, "profiles.of_version", [version], cancel);

    /// <summary>Adds a version and returns its number; AEGIS4024 past <see cref="BytesMax"/>.</summary>
    /// <param name="check">Looks at the newest version.</param>
    /// <param name="fact">Of the newest and the new version: what is written down with it in the stream of
    /// the Auditor's rules; null for nothing. What it throws leaves no version.</param>
    public async Task<int> AddAsync(TenancyKeys keys, string yaml, ImmutableSortedDictionary<string,
        string> files, string actor, CancellationToken cancel, StoredCheck<ProjectProfile>? check = null,
        Func<ProjectProfile?, int, string, RunEvent?>? fact = null)
    {
        var json = JsonSerializer.Serialize(files);
        var bytes = Encoding.UTF8.GetByteCount(yaml) + (long)Encoding.UTF8.GetByteCount(json);
        if (bytes > BytesMax)
        {
            throw AccountErrors.ProfileTooLarge(bytes);
        }
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var hold = session.Command("profiles.lock", keys.Tenant, keys.Project))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        var newest = await ReadAsync(session, keys, "profiles.newest", [], cancel);
        check?.Invoke(newest);
        await using var add = session.Command("profiles.add", keys.Tenant, keys.Project, yaml, json, actor);
        var version = (int)(await add.ExecuteScalarAsync(cancel))!;
        if (fact?.Invoke(newest, version, SecretFact.NewId()) is { } change)
        {
            await SecretFact.AddToAsync(session, keys, SecretStream.AuditRules, change, cancel);
        }
        await session.CommitAsync(cancel);
        return version;
    }

    private async Task<ProjectProfile?> ReadAsync(TenancyKeys keys, string query, object[] more,
        CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return await ReadAsync(session, keys, query, more, cancel);
    }

    private static async Task<ProjectProfile?> ReadAsync(ProjectSession session, TenancyKeys keys,
        string query, object[] more, CancellationToken cancel)
    {
        await using var command = session.Command(query, [keys.Tenant, keys.Project, .. more]);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return !await reader.ReadAsync(cancel)
            ? null
            : new ProjectProfile(reader.GetInt32(0), reader.GetString(1),
                JsonSerializer.Deserialize<ImmutableSortedDictionary<string, string>>(reader.GetString(2))!,
                reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4));
    }
}
