using System.Collections.Immutable;
using System.Globalization;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Locks;

/// <summary>A lock of a project, or a place in the queue for one, as a door shows it.</summary>
/// <param name="Cursor">Where the list goes on after it.</param>
/// <param name="LockId">Of a holder outside.</param>
/// <param name="RunId">Of a task of a run; <paramref name="StepId"/> follows with the run's rows.</param>
/// <param name="Position">Null once it is held; 1 is the next.</param>
public sealed record LockListing(string Cursor, string? LockId, string? Holder, string? Actor, string? RunId,
    string? StepId, ImmutableArray<string> Names, long? Fence, int? Position, DateTimeOffset RequestedAt,
    DateTimeOffset? GrantedAt, DateTimeOffset? ExpiresAt);

/// <summary>What doors read of locks, as role app.</summary>
public sealed class LockReads(LedgerDatabase database)
{
    /// <summary>Of runs and of holders outside, in the order in which they asked.</summary>
    public async Task<List<LockListing>> ListAsync(TenancyKeys keys, string? after, string? resource,
        int limit, CancellationToken cancel, string? only = null)
    {
        long? behind = long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id : null;
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command(
            "locks.list", keys.Tenant, keys.Project, behind, resource, only, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<LockListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(Read(reader));
        }
        return found;
    }

    /// <summary>That of a holder outside.</summary>
    public async Task<LockListing?> FindAsync(TenancyKeys keys, string lockId, CancellationToken cancel) =>
        (await ListAsync(keys, null, null, 1, cancel, lockId)).FirstOrDefault();

    private static LockListing Read(NpgsqlDataReader r)
    {
        var (owner, holder) = (r.GetString(1), Text(r, 6));
        return new LockListing(r.GetInt64(0).ToString(CultureInfo.InvariantCulture),
            holder is null ? null : owner, holder, Text(r, 7), holder is null ? owner : null, Text(r, 10),
            [.. r.GetFieldValue<string[]>(2)], r.IsDBNull(3) ? null : r.GetInt64(3),
            r.IsDBNull(9) ? null : r.GetInt32(9), r.GetFieldValue<DateTimeOffset>(4), TimeOf(r, 5),
            TimeOf(r, 8));
    }

    private static string? Text(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetString(column);

    private static DateTimeOffset? TimeOf(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetFieldValue<DateTimeOffset>(column);
}
