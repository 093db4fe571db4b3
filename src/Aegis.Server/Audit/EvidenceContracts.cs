using Aegis.Core.Audit;
using Aegis.Core.Audit.Controls;
using Aegis.Ledger.Audit;

namespace Aegis.Server.Audit;

/// <summary>What the ledger shows for criteria of SOC 2 in a time.</summary>
/// <param name="CatalogueHash">SHA-256 of contracts/controls.yaml: which facts counted for what.</param>
/// <param name="Verdict">The project's chains as they verify now; what does not is in its findings.</param>
/// <param name="Unserved">Criteria that no ledger can speak for, with the reason.</param>
public sealed record EvidenceAnswer(string Tenant, string Project, DateTimeOffset From, DateTimeOffset To,
    string CatalogueHash, AuditVerdictAnswer Verdict, IReadOnlyList<ControlEvidenceAnswer> Controls,
    IReadOnlyDictionary<string, string> Unserved);

/// <param name="Count">Of events and records together.</param>
/// <param name="Note">"no evidence in this period", or null where there is some.</param>
/// <param name="Tables">Where else to look.</param>
/// <param name="Human">What a person must show.</param>
public sealed record ControlEvidenceAnswer(string Id, string Title, long Count, DateTimeOffset? First,
    DateTimeOffset? Last, string? Note, IReadOnlyList<TypeEvidenceAnswer> Events,
    IReadOnlyList<RecordEvidenceAnswer> Records, IReadOnlyList<string> Tables, IReadOnlyList<string> Doors,
    string Human)
{
    private const string Nothing = "no evidence in this period";

    public static ControlEvidenceAnswer Of(Control control,
        IReadOnlyDictionary<string, EvidenceOfType> found,
        IReadOnlyDictionary<string, RecordEvidenceAnswer> records, AuditReport report)
    {
        var (events, rows) = (
            control.Events.Select(t => TypeEvidenceAnswer.Of(t, found.GetValueOrDefault(t), report)).ToList(),
            control.Records.Select(r => records[r]).ToList());
        var count = events.Sum(e => e.Count) + rows.Sum(r => r.Count);
        return new(control.Id, control.Title, count,
            events.Select(e => e.First).Concat(rows.Select(r => r.First)).Min(),
            events.Select(e => e.Last).Concat(rows.Select(r => r.Last)).Max(),
            count == 0 ? Nothing : null, events, rows, control.Tables, control.Doors, control.Human);
    }
}

/// <summary>Facts of a type; all of them are in the project's hash chains.</summary>
/// <param name="Sample">The newest, at most five.</param>
public sealed record TypeEvidenceAnswer(string Type, long Count, DateTimeOffset? First, DateTimeOffset? Last,
    IReadOnlyList<EvidenceEventAnswer> Sample)
{
    public static TypeEvidenceAnswer Of(string type, EvidenceOfType? found, AuditReport report) =>
        new(type, found?.Count ?? 0, found?.First, found?.Last,
            [.. (found?.Sample ?? []).Select(e => EvidenceEventAnswer.Of(e, report))]);
}

/// <param name="Stream">A run's id, or the name of another stream.</param>
/// <param name="Hash">As the export has it, 64 hex digits.</param>
/// <param name="Intact">False where the verification names this event.</param>
/// <param name="Erased">Its payload is gone.</param>
public sealed record EvidenceEventAnswer(
    string Stream, int Version, DateTimeOffset At, string Hash, bool Intact, bool Erased)
{
    public static EvidenceEventAnswer Of(EvidenceEvent e, AuditReport report) => new(
        e.Stream, e.Version, e.At, e.Hash, !report.Issues.Any(i => i.Stream == e.Stream
            && (i.Version == 0 || (i.Version <= e.Version && e.Version <= i.LastVersion))), e.Erased);
}

/// <summary>Rows of a table, which are in no chain.</summary>
/// <param name="Sample">Ids of the newest, at most five.</param>
public sealed record RecordEvidenceAnswer(string Kind, string Table, long Count, DateTimeOffset? First,
    DateTimeOffset? Last, IReadOnlyList<string> Sample);
