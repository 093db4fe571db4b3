using System.Collections.Immutable;
using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Forge;

/// <summary>The pull requests of a project's repositories, as role app: row level security shows one
/// project.</summary>
public sealed class PullRequests(LedgerDatabase database)
{
    /// <summary>Null where the same two branches have an open one already.</summary>
    public async Task<PullRequest?> AddAsync(TenancyKeys keys, NewPullRequest pull, DateTimeOffset at,
        CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        // numbers come from max + 1: two at once must not take the same
        await using (var numbers = session.Command(
            "forge.lock_numbers", keys.Tenant, keys.Project, pull.Repo))
        {
            await numbers.ExecuteNonQueryAsync(cancel);
        }
        try
        {
            await using var add =
                session.Command("forge.add", keys.Tenant, keys.Project, pull.Repo, pull.Title,
                pull.Body, pull.Head, pull.Base, pull.HeadSha, pull.BaseSha, pull.Draft, pull.CreatedBy, at);
            var made = (await ReadAsync(add, cancel))[0];
            await session.CommitAsync(cancel);
            return made;
        }
        catch (PostgresException e) when (e is
            { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "forge_pulls_one_open" })
        {
            return null;
        }
    }

    public async Task<PullRequest?> FindAsync(
        TenancyKeys keys, string repo, int number, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var find = session.Command("forge.find", keys.Tenant, keys.Project, repo, number);
        return (await ReadAsync(find, cancel)).FirstOrDefault();
    }

    /// <summary>Newest first unless the filter says otherwise; pages count from 1.</summary>
    public async Task<ImmutableArray<PullRequest>> ListAsync(
        TenancyKeys keys, string repo, PullRequestFilter filter,
        int page, int perPage, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var list = session.Command("forge.list", keys.Tenant, keys.Project, repo);
        foreach (var value in (string?[])[filter.State, filter.Head, filter.Base])
        {
            list.Parameters.Add(new() { Value = (object?)value ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Text });
        }
        list.Parameters.Add(new() { Value = filter.OldestFirst });
        list.Parameters.Add(new() { Value = perPage });
        list.Parameters.Add(new() { Value = (long)(page - 1) * perPage });
        return await ReadAsync(list, cancel);
    }

    /// <summary>Stores title, body, base and state as they stand in <paramref name="pull"/>. Null for a
    /// merged one, or where reopening meets another open one of the same branches.</summary>
    public async Task<PullRequest?> EditAsync(TenancyKeys keys, PullRequest pull, DateTimeOffset at,
        CancellationToken cancel, StoredCheck<PullRequest>? check = null)
    {
        await using var session = await OpenAsync(keys, cancel);
        if (check is not null)
        {
            await using var hold = session.Command(
                "forge.hold", keys.Tenant, keys.Project, pull.Repo, pull.Number);
            check((await ReadAsync(hold, cancel)).FirstOrDefault());
        }
        await using var edit =
            session.Command("forge.edit", keys.Tenant, keys.Project, pull.Repo, pull.Number,
            pull.Title, pull.Body, pull.Base, pull.BaseSha, pull.State, at);
        try
        {
            var edited = (await ReadAsync(edit, cancel)).FirstOrDefault();
            await session.CommitAsync(cancel);
            return edited;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }
    }

    /// <summary>Remembers where an open pull request's branches are now.</summary>
    public Task SeeAsync(TenancyKeys keys, PullRequest pull, DateTimeOffset at, CancellationToken cancel) =>
        RunAsync(keys, "forge.see", cancel, pull.Repo, pull.Number, pull.HeadSha, pull.BaseSha, at);

    /// <summary>Closes it as merged by <paramref name="sha"/>; false where it was merged already.</summary>
    public async Task<bool> MergedAsync(TenancyKeys keys, string repo, int number, string sha, string by,
        DateTimeOffset at, CancellationToken cancel) =>
        await RunAsync(keys, "forge.merged", cancel, repo, number, sha, by, at) == 1;

    /// <summary>Forgets a deleted repository's pull requests and their comments.</summary>
    public Task ForgetAsync(TenancyKeys keys, string repo, CancellationToken cancel) =>
        RunAsync(keys, "forge.forget_repo", cancel, repo);

    public async Task<PullRequestComment> CommentAsync(TenancyKeys keys, string repo, int number, string body,
        string by, DateTimeOffset at, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var add =
            session.Command("forge.comment", keys.Tenant, keys.Project, repo, number, body, by, at);
        var made = (await ReadCommentsAsync(add, cancel))[0];
        await session.CommitAsync(cancel);
        return made;
    }

    /// <summary>Oldest first; pages count from 1.</summary>
    public async Task<ImmutableArray<PullRequestComment>> CommentsAsync(
        TenancyKeys keys, string repo, int number,
        int page, int perPage, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var list =
            session.Command("forge.comments", keys.Tenant, keys.Project, repo, number, perPage,
            (long)(page - 1) * perPage);
        return await ReadCommentsAsync(list, cancel);
    }

    public async Task<int> CountCommentsAsync(
        TenancyKeys keys, string repo, int number, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var count =
            session.Command("forge.count_comments", keys.Tenant, keys.Project, repo, number);
        return (int)(await count.ExecuteScalarAsync(cancel))!;
    }

    private Task<ProjectSession> OpenAsync(TenancyKeys keys, CancellationToken cancel) =>
        database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);

    private async Task<int> RunAsync(TenancyKeys keys, string query, CancellationToken cancel,
        params object?[] parameters)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var command = session.Command(query, [keys.Tenant, keys.Project, .. parameters]);
        var rows = await command.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
        return rows;
    }

    private static async Task<ImmutableArray<PullRequest>> ReadAsync(
        NpgsqlCommand command, CancellationToken cancel)
    {
        await using var row = await command.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<PullRequest>();
        while (await row.ReadAsync(cancel))
        {
            found.Add(new PullRequest(row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetString(3),
                row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7), row.GetString(8),
                row.GetString(9), row.GetBoolean(10), Text(row, 11), Text(row, 12), row.GetString(13),
                row.GetFieldValue<DateTimeOffset>(14), row.GetFieldValue<DateTimeOffset>(15), Time(row, 16),
                Time(row, 17)));
        }
        return found.ToImmutable();
    }

    private static async Task<ImmutableArray<PullRequestComment>> ReadCommentsAsync(NpgsqlCommand command,
        CancellationToken cancel)
    {
        await using var row = await command.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<PullRequestComment>();
        while (await row.ReadAsync(cancel))
        {
            found.Add(new PullRequestComment(row.GetInt64(0), row.GetString(1), row.GetString(2),
                row.GetFieldValue<DateTimeOffset>(3)));
        }
        return found.ToImmutable();
    }

    private static string? Text(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
