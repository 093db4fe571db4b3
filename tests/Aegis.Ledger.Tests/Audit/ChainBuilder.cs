using Aegis.Core;
using Aegis.Core.Audit;

namespace Aegis.Ledger.Tests.Audit;

/// <summary>A genuine stream in memory, as the ledger's writer makes it.</summary>
internal static class ChainBuilder
{
    public static readonly Tenancy Tenancy = new("acme", "web");
    public const string Stream = "run_1";

    public static List<AuditEvent> Make(int count, int seed = 1)
    {
        var random = new Random(seed);
        var events = new List<AuditEvent>();
        var previous = EventHash.Genesis.ToArray();
        for (var version = 1; version <= count; version++)
        {
            var payloadHash = new byte[32];
            random.NextBytes(payloadHash);
            var made = Rehash(new AuditEvent(version, $"Type{random.Next(5)}",
                1_700_000_000_000_000 + version, payloadHash,
                [], false), previous);
            events.Add(made);
            previous = made.Hash;
        }
        return events;
    }

    public static AuditEvent Rehash(AuditEvent stored, byte[] previous)
    {
        var hash = new byte[32];
        EventHash.Chain(previous, Tenancy, Stream, stored.Version, stored.Type, stored.AtMicroseconds,
            stored.PayloadHash, hash);
        return stored with { Hash = hash };
    }

    public static List<AuditEvent> Renumber(IEnumerable<AuditEvent> events) =>
        [.. events.Select((e, i) => e with { Version = i + 1 })];

    /// <summary>The issues as short texts: kind and versions.</summary>
    public static List<string> Audit(IEnumerable<AuditEvent> events)
    {
        var auditor = new LedgerAuditor(null);
        foreach (var stored in events)
        {
            auditor.AddEvent(Tenancy, Stream, stored, []);
        }
        return [.. auditor.Finish().Issues.Select(i => i.Version == i.LastVersion ? $"{i.Kind} {i.Version}"
            : $"{i.Kind} {i.Version}-{i.LastVersion}")];
    }
}
