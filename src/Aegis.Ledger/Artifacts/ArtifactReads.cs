using Aegis.Core.Artifacts;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Artifacts;

/// <summary>Which artifacts; null is any.</summary>
public sealed record ArtifactFilter(
    string? RunId = null, string? TaskId = null, string? PathPrefix = null, string? Status = null);

/// <summary>What doors read of artifacts, as role app.</summary>
public sealed class ArtifactReads(LedgerDatabase database)
{
    /// <summary>Last changed first; of each artifact the newest of the versions that the run or task
    /// made.</summary>
    public Task<List<ArtifactVersion>> ListAsync(TenancyKeys keys, ArtifactFilter filter, PageCursor? after,
        int limit, CancellationToken cancel) => ReadAsync(keys, "artifacts.list", cancel, filter.RunId,
            filter.TaskId, filter.PathPrefix, filter.Status, after?.At, after?.Id, limit);

    /// <summary>A version, or the newest; null where there is none.</summary>
    public async Task<ArtifactVersion?> FindAsync(
        TenancyKeys keys, string id, int? version, CancellationToken cancel) =>
        (await ReadAsync(keys, "artifacts.find", cancel, id, version)).FirstOrDefault();

    /// <summary>Newest first, below a version.</summary>
    public Task<List<ArtifactVersion>> VersionsAsync(TenancyKeys keys, string id, int? below, int limit,
        CancellationToken cancel) => ReadAsync(keys, "artifacts.versions", cancel, id, below, limit);

    private async Task<List<ArtifactVersion>> ReadAsync(
        TenancyKeys keys, string query, CancellationToken cancel, params object?[] more)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command(query, [keys.Tenant, keys.Project, .. more]);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<ArtifactVersion>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(Version(reader));
        }
        return found;
    }

    // column 2 is the run, which the task's id begins with
    private static ArtifactVersion Version(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt32(1),
        r.GetString(4), r.GetString(5), r.GetInt64(8), r.GetString(9), Text(r, 10), r.GetString(11),
        r.GetString(12), r.GetString(13), r.GetString(14), r.GetString(7), Text(r, 3),
        r.GetFieldValue<DateTimeOffset>(16), r.GetFieldValue<DateTimeOffset>(17), r.GetBoolean(6),
        r.GetString(15));

    private static string? Text(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetString(column);
}
