using Aegis.Core;
using Aegis.Core.Audit;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Audit;

/// <summary>Writes what <see cref="ExportVerifier"/> reads: JSON lines with everything that a verdict needs.
/// A project's export is read as role app, under its policies; other projects' parts of the checkpoints are
/// closed to their digests.</summary>
public sealed class LedgerExport(LedgerDatabase database, TenantDirectory tenants, string home,
    TimeProvider time)
{
    /// <summary>Exports one project. Make a checkpoint before, so that the export is fixed up to its
    /// end.</summary>
    public async Task<long> WriteAsync(Stream output, Tenancy tenancy, CancellationToken cancel)
    {
        var keys = await tenants.ResolveAsync(tenancy, cancel)
            ?? throw AccountErrors.Unknown("project", tenancy.ToString());
        await WriteHeadAsync(output, AuditScope.Of(tenancy), cancel);
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command("audit.export");
        LedgerAudit.Narrow(command, AuditScope.Of(tenancy));
        return await WriteEventsAsync(output, command, cancel);
    }

    /// <summary>Exports the ledger of every tenant: an operator's act.</summary>
    public async Task<long> WriteEverythingAsync(Stream output, CancellationToken cancel)
    {
        await WriteHeadAsync(output, AuditScope.Everything, cancel);
        await using var command = database.Source(LedgerRole.Engine).CreateCommand(Sql.Get("audit.export"));
        LedgerAudit.Narrow(command, AuditScope.Everything);
        return await WriteEventsAsync(output, command, cancel);
    }

    private async Task WriteHeadAsync(Stream output, AuditScope scope, CancellationToken cancel)
    {
        using var key = CheckpointKey.Open(home);
        await WriteLineAsync(output, new ExportLine
        {
            Kind = ExportLine.HeaderKind,
            Format = ExportLine.FormatName,
            Home = database.HomeId,
            Tenant = scope.Tenant,
            Project = scope.Project,
            At = EventHash.Microseconds(time.GetUtcNow()),
            PublicKey = key.ExportSubjectPublicKeyInfo(),
        }, cancel);
        var directory = new CheckpointDirectory(home);
        foreach (var sequence in directory.Sequences())
        {
            if (directory.Read(sequence) is not { } checkpoint)
            {
                throw AuditErrors.CheckpointUnreadable(sequence);
            }
            await WriteLineAsync(output, new ExportLine
            {
                Kind = ExportLine.CheckpointKind,
                Checkpoint = LedgerAudit.Narrowed(checkpoint, scope),
            }, cancel);
        }
    }

    private static async Task<long> WriteEventsAsync(Stream output, NpgsqlCommand command,
        CancellationToken cancel)
    {
        var (events, streams) = (0L, 0L);
        string? stream = null;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var line = Event(reader);
            var name = $"{line.Tenant}/{line.Project}/{line.Stream}";
            streams += name == stream ? 0 : 1;
            stream = name;
            events++;
            await WriteLineAsync(output, line, cancel);
        }
        await WriteLineAsync(output,
            new ExportLine { Kind = ExportLine.EndKind, Events = events, Streams = streams }, cancel);
        await output.FlushAsync(cancel);
        return events;
    }

    private static ExportLine Event(NpgsqlDataReader reader) => new()
    {
        Kind = ExportLine.EventKind,
        Tenant = reader.GetString(0),
        Project = reader.GetString(1),
        Stream = reader.GetString(2),
        Version = reader.GetInt32(3),
        Type = reader.GetString(4),
        At = reader.GetInt64(5),
        Salt = Bytes(reader, 6),
        Payload = Bytes(reader, 7),
        PayloadHash = Bytes(reader, 8) is { } hash ? Convert.ToHexStringLower(hash) : null,
        Hash = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(9)),
    };

    private static byte[]? Bytes(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    private static async Task WriteLineAsync(Stream output, ExportLine line, CancellationToken cancel)
    {
        await output.WriteAsync(line.Write(), cancel);
        await output.WriteAsync("\n"u8.ToArray(), cancel);
    }
}
