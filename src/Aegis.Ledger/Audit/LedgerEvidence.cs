using System.Collections.Immutable;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Audit;

/// <summary>A fact as an auditor can find it again: by its stream, version and hash it stands in the
/// export.</summary>
/// <param name="Erased">Its payload is gone; its hash stays.</param>
public sealed record EvidenceEvent(
    string Stream, int Version, DateTimeOffset At, string Hash, bool Erased);

/// <summary>Facts of one type in a time.</summary>
/// <param name="Sample">The newest, newest first.</param>
public sealed record EvidenceOfType(string Type, long Count, DateTimeOffset First, DateTimeOffset Last,
    ImmutableArray<EvidenceEvent> Sample);

/// <summary>Counts a project's facts as evidence, as role app under its policies.</summary>
public sealed class LedgerEvidence(LedgerDatabase database)
{
    /// <summary>Events of each type that are shown.</summary>
    public const int SampleMax = 5;

    /// <summary>By type; a type of which nothing happened is left out.</summary>
    public async Task<ImmutableDictionary<string, EvidenceOfType>> ReadAsync(TenancyKeys keys,
        IReadOnlyCollection<string> types, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command(
            "audit.evidence", keys.Tenant, keys.Project, types.ToArray(), from, to, SampleMax);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new Dictionary<string, EvidenceOfType>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
        {
            var type = reader.GetString(0);
            var shown = new EvidenceEvent(reader.GetString(4), reader.GetInt32(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(7)), reader.GetBoolean(8));
            found[type] = found.TryGetValue(type, out var before)
                ? before with { Sample = before.Sample.Add(shown) }
                : new EvidenceOfType(type, reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetFieldValue<DateTimeOffset>(3), [shown]);
        }
        return found.ToImmutableDictionary();
    }
}
