using System.Collections.Immutable;
using System.Data;
using System.Globalization;
using Aegis.Core.Audit;
using Npgsql;

namespace Aegis.Ledger.Audit;

/// <summary>Signs the heads that are new since the last checkpoint. Call it at shutdown and every few
/// minutes: tampering can be named up to the last checkpoint.</summary>
public sealed class CheckpointWriter(LedgerDatabase database, string home, TimeProvider time) : IDisposable
{
    private readonly CheckpointDirectory _directory = new(home);
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Writes a checkpoint and returns it; null where nothing happened since the last one.</summary>
    public async Task<Checkpoint?> WriteAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var last = _directory.ReadLast();
            var (watermark, projects) = await ReadAsync(last?.Watermark, cancel);
            if (projects.IsEmpty || (last is not null && !HasNew(projects, last)))
            {
                return null;
            }
            using var key = CheckpointKey.Open(home);
            var made = Checkpoint.Sign(database.HomeId, (last?.Sequence ?? 0) + 1,
                EventHash.Microseconds(time.GetUtcNow()),
                last?.ComputeHash() ?? Checkpoint.NoPrevious, watermark, projects, key);
            _directory.Write(made);
            return made;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static bool HasNew(ImmutableArray<CheckpointProject> projects, Checkpoint last)
    {
        var known = last.Projects.SelectMany(p => p.Heads ?? [], (p, h) => (p.Tenant, p.Project, h))
            .ToHashSet();
        return projects.Any(p => p.Heads!.Value.Any(h => !known.Contains((p.Tenant, p.Project, h))));
    }

    // one snapshot for both questions, or an event could fall between them
    private async Task<(string Watermark, ImmutableArray<CheckpointProject> Projects)> ReadAsync(
        string? since, CancellationToken cancel)
    {
        await using var connection = await database.Source(LedgerRole.Engine).OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead,
            cancel);
        var (settled, newest) = await WatermarkAsync(connection, cancel);
        // a database that was restored from a dump counts its transactions anew
        var from = since is not null && Number(since) <= Number(newest) ? since : "0";
        await using var command = new NpgsqlCommand(Sql.Get("checkpoint.heads"), connection)
        {
            Parameters = { new() { Value = from } },
            CommandTimeout = 0,
        };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<(string Tenant, string Project, CheckpointHead Head)>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add((reader.GetString(0), reader.GetString(1), new CheckpointHead(reader.GetString(2),
                reader.GetInt32(3), Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(4)))));
        }
        return (settled, Group(found));
    }

    private static ImmutableArray<CheckpointProject> Group(
        List<(string Tenant, string Project, CheckpointHead Head)> found) =>
        [.. found.GroupBy(f => (f.Tenant, f.Project))
            .OrderBy(g => g.Key.Tenant, StringComparer.Ordinal).ThenBy(g => g.Key.Project,
                StringComparer.Ordinal)
            .Select(g => new CheckpointProject(g.Key.Tenant, g.Key.Project,
                [.. g.Select(f => f.Head).OrderBy(h => h.Stream, StringComparer.Ordinal)], null))];

    private static async Task<(string, string)> WatermarkAsync(NpgsqlConnection connection,
        CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql.Get("checkpoint.watermark"), connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetString(0), reader.GetString(1));
    }

    private static ulong Number(string xid) => ulong.Parse(xid, NumberStyles.None,
        CultureInfo.InvariantCulture);
}
