using System.Security.Cryptography;

namespace Aegis.Core.Audit;

/// <summary>
/// Judges a ledger from its checkpoints and its events, wherever they come from. Use: every checkpoint in
/// sequence, then stream after stream its events by stored version, then <see cref="Finish"/>.
/// Memory grows with the number of heads in the checkpoints and of erasures, not with the events.
/// </summary>
public sealed class LedgerAuditor
{
    public const string ErasureType = "PayloadErased";
    private readonly Dictionary<(Tenancy, string), List<(int Version, string Hash, int Sequence)>>
        _heads = [];
    private readonly HashSet<(Tenancy, string, int)> _erased = [];
    private readonly HashSet<(Tenancy, string, int)> _recorded = [];
    private readonly List<AuditIssue> _issues = [];
    private readonly ECDsa? _key;
    private readonly string? _fingerprint;
    private long _more;
    private long _events;
    private long _streams;
    private int _checkpoints;
    private Checkpoint? _lastCheckpoint;
    private StreamAudit? _stream;

    /// <summary>An auditor that checks signatures with this key (SubjectPublicKeyInfo); null where there are
    /// no checkpoints to check.</summary>
    public LedgerAuditor(byte[]? publicKey)
    {
        if (publicKey is null)
        {
            return;
        }
        _key = ECDsa.Create();
        _key.ImportSubjectPublicKeyInfo(publicKey, out _);
        _fingerprint = Fingerprint(publicKey);
    }

    /// <summary>SHA-256 of the public key: what two people compare to know that they mean the same
    /// ledger.</summary>
    public static string Fingerprint(byte[] publicKey) =>
        Convert.ToHexStringLower(SHA256.HashData(publicKey));

    public void AddCheckpoint(Checkpoint checkpoint)
    {
        _checkpoints++;
        var fault = _key is null ? "there is no key to check it with" : checkpoint.Fault(_key);
        if (fault is null && checkpoint.Sequence != (_lastCheckpoint?.Sequence ?? 0) + 1)
        {
            fault = $"it follows checkpoint {_lastCheckpoint?.Sequence ?? 0}: those between are gone";
        }
        else if (fault is null
            && checkpoint.Previous != (_lastCheckpoint?.ComputeHash() ?? Checkpoint.NoPrevious))
        {
            fault = "it was not made after the one before it";
        }
        if (fault is not null)
        {
            Report(new AuditIssue(AuditIssueKind.CheckpointBroken, default, "", 0, 0,
                $"checkpoint {checkpoint.Sequence}: {fault}"));
        }
        _lastCheckpoint = checkpoint;
        foreach (var project in checkpoint.Projects.IsDefault ? [] : checkpoint.Projects.Where(p => p.IsOpen))
        {
            var tenancy = new Tenancy(project.Tenant!, project.Project!);
            foreach (var head in project.Heads!.Value)
            {
                ref var heads = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                    _heads, (tenancy, head.Stream), out _);
                (heads ??= []).Add((head.Version, head.Hash, checkpoint.Sequence));
            }
        }
    }

    /// <summary>The next event. <paramref name="erasure"/> is the payload where its type is
    /// <see cref="ErasureType"/>.</summary>
    public void AddEvent(Tenancy tenancy, string stream, in AuditEvent stored, ReadOnlySpan<byte> erasure)
    {
        if (_stream is null || _stream.Id != stream || _stream.Tenancy != tenancy)
        {
            _stream?.Finish();
            _streams++;
            _heads.Remove((tenancy, stream), out var heads);
            _stream = new StreamAudit(tenancy, stream, heads, Report);
        }
        _events++;
        _stream.Add(stored);
        if (stored.Erased)
        {
            _erased.Add((tenancy, stream, stored.Version));
        }
        if (stored.Type == ErasureType && PayloadErasedRecord.Read(erasure) is { } record)
        {
            _recorded.Add((tenancy, record.Stream, record.Version));
        }
    }

    /// <summary>A finding of the caller's own, such as a line that cannot be read.</summary>
    public void Report(AuditIssue issue)
    {
        if (_issues.Count < AuditReport.IssuesMax)
        {
            _issues.Add(issue);
        }
        else
        {
            _more++;
        }
    }

    public AuditReport Finish()
    {
        _stream?.Finish();
        _stream = null;
        foreach (var ((tenancy, stream), heads) in _heads.OrderBy(h => h.Key.ToString(),
            StringComparer.Ordinal))
        {
            var last = heads.MaxBy(h => h.Version);
            Report(new AuditIssue(AuditIssueKind.Removed, tenancy, stream, 1, last.Version,
                $"the whole stream is gone; checkpoint {last.Sequence} has it"));
        }
        foreach (var (tenancy, stream, version) in _erased.Except(_recorded)
            .OrderBy(e => e.ToString(), StringComparer.Ordinal))
        {
            Report(new AuditIssue(AuditIssueKind.ErasedWithoutRecord, tenancy, stream, version, version,
                "its payload is gone and no PayloadErased names it"));
        }
        _key?.Dispose();
        return new AuditReport(_events, _streams, _erased.Count, _checkpoints, _fingerprint, [.. _issues],
            _more);
    }
}

/// <summary>One stream: its chain, and its heads in the checkpoints.</summary>
internal sealed class StreamAudit
{
    private readonly Action<AuditIssue> _report;
    private readonly ChainWalker _chain;
    private readonly SortedDictionary<int, List<(string Hash, int Sequence)>> _heads = [];
    private readonly List<AuditIssue> _mismatches = [];
    private int _firstBroken = int.MaxValue;
    private int _lastGood;
    private int _lastVersion;

    public StreamAudit(Tenancy tenancy, string stream, List<(int Version, string Hash, int Sequence)>? heads,
        Action<AuditIssue> report)
    {
        (Tenancy, Id, _report) = (tenancy, stream, report);
        foreach (var (version, hash, sequence) in heads ?? [])
        {
            if (!_heads.TryGetValue(version, out var sameVersion))
            {
                _heads.Add(version, sameVersion = []);
            }
            sameVersion.Add((hash, sequence));
        }
        _chain = new ChainWalker(tenancy, stream, issue =>
        {
            _firstBroken = Math.Min(_firstBroken, issue.Version);
            report(issue);
        });
    }

    public Tenancy Tenancy { get; }

    public string Id { get; }

    public void Add(in AuditEvent stored)
    {
        _lastVersion = stored.Version;
        _chain.Add(stored);
        if (!_heads.Remove(stored.Version, out var heads))
        {
            return;
        }
        var hash = Convert.ToHexStringLower(stored.Hash);
        foreach (var (signed, sequence) in heads)
        {
            if (signed == hash)
            {
                _lastGood = stored.Version;
            }
            else
            {
                _mismatches.Add(new AuditIssue(AuditIssueKind.Changed, Tenancy, Id, _lastGood + 1,
                    stored.Version,
                    $"checkpoint {sequence} signed another hash for version {stored.Version}: "
                        + "one of these was rewritten together with all hashes after it"));
            }
        }
    }

    public void Finish()
    {
        _chain.Finish();
        // where the chain itself is broken before, a head that differs is only the consequence
        _mismatches.Where(m => m.LastVersion < _firstBroken).Take(1).ToList().ForEach(_report);
        if (_heads.Keys.LastOrDefault() is > 0 and var signedVersion && signedVersion > _lastVersion)
        {
            _report(new AuditIssue(AuditIssueKind.Removed, Tenancy, Id, _lastVersion + 1, signedVersion,
                $"the end of the stream is gone; checkpoint {_heads[signedVersion][0].Sequence} has it"));
        }
    }
}
