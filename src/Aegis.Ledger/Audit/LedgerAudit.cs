using Aegis.Core;
using Aegis.Core.Audit;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Audit;

/// <summary>What an audit or an export is about: everything, a tenant, or a project.</summary>
public sealed record AuditScope(string? Tenant = null, string? Project = null)
{
    public static AuditScope Everything { get; } = new();

    public static AuditScope Of(Tenancy tenancy) => new(tenancy.Tenant, tenancy.Project);

    public bool Contains(Tenancy tenancy) =>
        (Tenant ?? tenancy.Tenant) == tenancy.Tenant && (Project ?? tenancy.Project) == tenancy.Project;
}

/// <summary>Verifies the events in the database against their chains and against the checkpoints of the home.
/// It changes nothing, runs beside the writers, and holds no event in memory.</summary>
public sealed class LedgerAudit(LedgerDatabase database, string home)
{
    public async Task<AuditReport> VerifyAsync(AuditScope scope, CancellationToken cancel)
    {
        var publicKey = File.Exists(CheckpointKey.PublicFile(home))
            ? CheckpointKey.ReadPublic(await File.ReadAllTextAsync(CheckpointKey.PublicFile(home), cancel))
            : null;
        var auditor = new LedgerAuditor(publicKey);
        // before the events are read: a checkpoint must not speak of events newer than the snapshot
        AddCheckpoints(auditor, scope);
        await using var command = database.Source(LedgerRole.Engine).CreateCommand(Sql.Get("audit.events"));
        Narrow(command, scope);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var unnamed = 0L;
        var reported = long.MinValue;
        while (await reader.ReadAsync(cancel))
        {
            var row = AuditRow.Read(reader);
            if (!row.StreamAgrees && row.StreamKey != reported)
            {
                reported = row.StreamKey;
                auditor.Report(new AuditIssue(AuditIssueKind.StreamChanged, row.Tenancy, row.Name, 0, 0,
                    row.Stream is null
                        ? "the row that names this stream is gone, so its events cannot be checked"
                        : "the row that names this stream says another tenant or project than its events"));
            }
            if (row.Stream is null)
            {
                unnamed++;
                continue;
            }
            auditor.AddEvent(row.Tenancy, row.Stream, row.Event, row.Erasure);
        }
        var report = auditor.Finish();
        return report with { Events = report.Events + unnamed };
    }

    internal static void Narrow(NpgsqlCommand command, AuditScope scope)
    {
        command.CommandTimeout = 0;
        foreach (var part in (string?[])[scope.Tenant, scope.Project])
        {
            command.Parameters.Add(new NpgsqlParameter
            {
                Value = (object?)part ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Text,
            });
        }
    }

    private void AddCheckpoints(LedgerAuditor auditor, AuditScope scope)
    {
        var directory = new CheckpointDirectory(home);
        foreach (var sequence in directory.Sequences())
        {
            if (directory.Read(sequence) is { } checkpoint)
            {
                auditor.AddCheckpoint(Narrowed(checkpoint, scope));
            }
            else
            {
                auditor.Report(new AuditIssue(AuditIssueKind.CheckpointBroken, default, "", 0, 0,
                    $"checkpoint {sequence} cannot be read"));
            }
        }
    }

    internal static Checkpoint Narrowed(Checkpoint checkpoint, AuditScope scope) =>
        checkpoint.Projects.IsDefault
        ? checkpoint
        : checkpoint with
        {
            Projects = [.. checkpoint.Projects.Select(p =>
                p.IsOpen && !scope.Contains(new Tenancy(p.Tenant!, p.Project!)) ? p.Close() : p)],
        };

    private readonly record struct AuditRow(long StreamKey, string? Stream, Tenancy Tenancy,
        bool StreamAgrees,
        AuditEvent Event, byte[] Erasure)
    {
        public string Name => Stream ?? $"(key {StreamKey})";

        public static AuditRow Read(NpgsqlDataReader reader) => new(reader.GetInt64(0), Text(reader, 1),
            new Tenancy(Text(reader, 2) ?? "(unknown)", Text(reader, 3) ?? "(unknown)"), reader.GetBoolean(4),
            new AuditEvent(reader.GetInt32(5), reader.GetString(6), reader.GetInt64(7), Bytes(reader, 8),
                Bytes(reader, 9),
                reader.GetBoolean(10)), Bytes(reader, 11));

        private static string? Text(NpgsqlDataReader reader, int column) =>
            reader.IsDBNull(column) ? null : reader.GetString(column);

        private static byte[] Bytes(NpgsqlDataReader reader, int column) =>
            reader.IsDBNull(column) ? [] : reader.GetFieldValue<byte[]>(column);
    }
}
