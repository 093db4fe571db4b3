using System.Security.Cryptography;
using System.Text.Json;

namespace Aegis.Core.Audit;

/// <summary>
/// Verifies an export with nothing but the file: no server, no database. It trusts the public key in the
/// export's header unless it is given the one to expect, so compare the report's fingerprint with one from
/// elsewhere.
/// </summary>
public static class ExportVerifier
{
    /// <summary>The longest line: a checkpoint of about 500,000 streams.</summary>
    public const int LineBytesMax = 64 * 1024 * 1024;

    public static AuditReport Verify(Stream export, byte[]? expectedKey = null)
    {
        var reading = new Reading(expectedKey);
        try
        {
            var lines = new BoundedLines(export, LineBytesMax);
            for (var number = 1; lines.TryRead(out var line); number++)
            {
                reading.Add(number, line);
            }
        }
        catch (InvalidDataException e)
        {
            reading.Malformed(e.Message);
        }
        return reading.Finish();
    }

    private sealed class Reading(byte[]? expectedKey)
    {
        private LedgerAuditor? _auditor;
        private ExportLine? _header;
        private bool _ended;
        private bool _sawEvent;
        private long _events;

        public void Add(int number, ReadOnlySpan<byte> line)
        {
            try
            {
                Add(JsonSerializer.Deserialize<ExportLine>(line, Checkpoint.Json)
                    ?? throw new JsonException("it is null"));
            }
            catch (Exception e) when (e is JsonException or FormatException or CryptographicException)
            {
                Malformed($"line {number} cannot be read");
            }
        }

        public void Malformed(string what) =>
            Auditor().Report(new AuditIssue(AuditIssueKind.Malformed, default, "", 0, 0, what));

        public AuditReport Finish()
        {
            if (!_ended)
            {
                Malformed("the export has no end: it was cut off");
            }
            return Auditor().Finish();
        }

        private LedgerAuditor Auditor() => _auditor ??= new LedgerAuditor(null);

        private void Add(ExportLine line)
        {
            if (_ended || (_header is null) != (line.Kind == ExportLine.HeaderKind))
            {
                throw new FormatException("out of place");
            }
            switch (line.Kind)
            {
                case ExportLine.HeaderKind:
                    AddHeader(line);
                    break;
                case ExportLine.CheckpointKind when !_sawEvent && line.Checkpoint is { } checkpoint:
                    Auditor().AddCheckpoint(checkpoint);
                    break;
                case ExportLine.EventKind:
                    AddEvent(line);
                    break;
                case ExportLine.EndKind:
                    _ended = true;
                    if (line.Events != _events)
                    {
                        Malformed($"the export says that it has {line.Events} events, and has {_events}");
                    }
                    break;
                default:
                    throw new FormatException("unknown or out of place");
            }
        }

        private void AddHeader(ExportLine line)
        {
            if (line.Format != ExportLine.FormatName || line.PublicKey is null)
            {
                throw new FormatException("another format");
            }
            _auditor = new LedgerAuditor(line.PublicKey);
            _header = line;
            if (expectedKey is not null && !expectedKey.AsSpan().SequenceEqual(line.PublicKey))
            {
                Malformed("the export is signed with another key than the expected one");
            }
        }

        private void AddEvent(ExportLine line)
        {
            _sawEvent = true;
            _events++;
            var tenancy = new Tenancy(Need(line.Tenant), Need(line.Project));
            if ((_header!.Tenant ?? tenancy.Tenant) != tenancy.Tenant
                || (_header.Project ?? tenancy.Project) != tenancy.Project)
            {
                throw new FormatException("an event of another project");
            }
            var erased = line.Payload is null;
            var payloadHash = new byte[EventHash.Bytes];
            if (erased)
            {
                payloadHash = Convert.FromHexString(Need(line.PayloadHash));
            }
            else
            {
                EventHash.Payload(Need(line.Salt), line.Payload, payloadHash);
            }
            Auditor().AddEvent(tenancy, Need(line.Stream),
                new AuditEvent(line.Version ?? 0, Need(line.Type), line.At ?? 0, payloadHash,
                    Convert.FromHexString(Need(line.Hash)), erased),
                line.Type == LedgerAuditor.ErasureType && !erased ? line.Payload : []);
        }

        private static T Need<T>(T? value) where T : class =>
            value ?? throw new FormatException("a member is missing");
    }
}
