using System.Collections.Immutable;
using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Forge;

/// <summary>Statuses and check runs of a project's repositories, as role app: row level security shows one
/// project.</summary>
public sealed class CommitReports(LedgerDatabase database)
{
    /// <summary>Of one commit and context, as at GitHub.</summary>
    public const int StatusesMax = 1_000;

    /// <summary>Of one commit.</summary>
    public const int ChecksMax = 1_000;

    /// <summary>Of one check run.</summary>
    public const int AnnotationsMax = 10_000;

    /// <summary>Null where the commit has as many of that context as it may.</summary>
    public async Task<CommitStatus?> AddAsync(TenancyKeys keys, string repo, CommitStatus status,
        CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var add = session.Command("forge.add_status", keys.Tenant, keys.Project, repo, status.Sha,
            status.Context, status.State);
        Text(add, status.Description, status.TargetUrl, status.CreatedBy);
        Values(add, status.CreatedAt, (long)StatusesMax);
        var made = (await ReadStatusesAsync(add, cancel)).FirstOrDefault();
        await session.CommitAsync(cancel);
        return made;
    }

    /// <summary>The newest first; pages count from 1.</summary>
    public async Task<ImmutableArray<CommitStatus>> StatusesAsync(TenancyKeys keys, string repo, string sha,
        int page, int perPage, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var list = session.Command("forge.statuses", keys.Tenant, keys.Project, repo, sha,
            perPage, (long)(page - 1) * perPage);
        return await ReadStatusesAsync(list, cancel);
    }

    /// <summary>The newest of each context, in the contexts' order.</summary>
    public async Task<ImmutableArray<CommitStatus>> NewestAsync(TenancyKeys keys, string repo, string sha,
        CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var list = session.Command("forge.newest_statuses", keys.Tenant, keys.Project, repo, sha);
        return await ReadStatusesAsync(list, cancel);
    }

    /// <param name="annotations">A JSON array.</param>
    /// <returns>Null where the commit has as many as it may.</returns>
    public async Task<CheckRun?> AddAsync(TenancyKeys keys, string repo, CheckRun check, string annotations,
        string by, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var add = session.Command("forge.add_check", keys.Tenant, keys.Project, repo, check.Sha);
        Fields(add, check, annotations);
        Values(add, by, (long)ChecksMax);
        return await OneAsync(session, add, cancel);
    }

    public async Task<CheckRun?> FindAsync(TenancyKeys keys, string repo, long id, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var find = session.Command("forge.find_check", keys.Tenant, keys.Project, repo, id);
        return await OneAsync(session, find, cancel);
    }

    /// <summary>The newest first; pages count from 1.</summary>
    public async Task<CheckPage> ChecksAsync(TenancyKeys keys, string repo, string sha, CheckFilter filter,
        int page, int perPage, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var list = session.Command("forge.checks", keys.Tenant, keys.Project, repo, sha);
        Text(list, filter.Name, filter.Status);
        Values(list, filter.All, perPage, (long)(page - 1) * perPage);
        var found = ImmutableArray.CreateBuilder<CheckRun>();
        var total = 0;
        await using var row = await list.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            found.Add(Check(row));
            total = row.GetInt32(13);
        }
        return new CheckPage(found.ToImmutable(), total);
    }

    /// <summary>Stores a check run as it stands and adds annotations to those that it has.</summary>
    /// <returns>Null where it is gone, or would have more annotations than it may.</returns>
    public async Task<CheckRun?> ChangeAsync(TenancyKeys keys, string repo, CheckRun run,
        string annotations, CancellationToken cancel, StoredCheck<CheckRun>? check = null)
    {
        await using var session = await OpenAsync(keys, cancel);
        if (check is not null)
        {
            await using var hold = session.Command(
                "forge.hold_check", keys.Tenant, keys.Project, repo, run.Id);
            check(await ReadAsync(hold, cancel));
        }
        await using var change = session.Command("forge.change_check", keys.Tenant, keys.Project, repo,
            run.Id);
        Fields(change, run, annotations);
        Values(change, AnnotationsMax);
        return await OneAsync(session, change, cancel);
    }

    /// <summary>JSON objects as they were given, in their order; pages count from 1.</summary>
    public async Task<ImmutableArray<string>> AnnotationsAsync(TenancyKeys keys, string repo, long id,
        int page, int perPage, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var list = session.Command("forge.annotations", keys.Tenant, keys.Project, repo, id,
            perPage, (long)(page - 1) * perPage);
        var found = ImmutableArray.CreateBuilder<string>();
        await using var row = await list.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            found.Add(row.GetString(0));
        }
        return found.ToImmutable();
    }

    private Task<ProjectSession> OpenAsync(TenancyKeys keys, CancellationToken cancel) =>
        database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);

    private static void Fields(NpgsqlCommand command, CheckRun check, string annotations)
    {
        Text(command, check.Name, check.Status, check.Conclusion, check.ExternalId, check.DetailsUrl,
            check.Title, check.Summary, check.Text, annotations);
        foreach (var at in (DateTimeOffset?[])[check.StartedAt, check.CompletedAt])
        {
            command.Parameters.Add(new() { Value = (object?)at ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.TimestampTz });
        }
    }

    private static void Text(NpgsqlCommand command, params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = (object?)value ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Text });
        }
    }

    private static void Values(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
    }

    private static async Task<CheckRun?> OneAsync(ProjectSession session, NpgsqlCommand command,
        CancellationToken cancel)
    {
        var found = await ReadAsync(command, cancel);
        await session.CommitAsync(cancel);
        return found;
    }

    private static async Task<CheckRun?> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? Check(row) : null;
    }

    private static CheckRun Check(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetString(1),
        row.GetString(2), row.GetString(3), TextAt(row, 4), row.GetString(5), TextAt(row, 6), TextAt(row, 7),
        TextAt(row, 8), TextAt(row, 9), row.GetInt32(10), TimeAt(row, 11), TimeAt(row, 12));

    private static async Task<ImmutableArray<CommitStatus>> ReadStatusesAsync(NpgsqlCommand command,
        CancellationToken cancel)
    {
        await using var row = await command.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<CommitStatus>();
        while (await row.ReadAsync(cancel))
        {
            found.Add(new CommitStatus(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3),
                TextAt(row, 4), TextAt(row, 5), row.GetString(6), row.GetFieldValue<DateTimeOffset>(7)));
        }
        return found.ToImmutable();
    }

    private static string? TextAt(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? TimeAt(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
