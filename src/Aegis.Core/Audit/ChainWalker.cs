namespace Aegis.Core.Audit;

/// <summary>
/// Walks one stream's events in the order of their stored versions and names what does not hold. A plain
/// recomputation would report everything after the first difference; but each untouched event still proves
/// its original version and predecessor by its hash. So at a difference the walker looks for the event that
/// does follow, and for the version under which the next one follows, within a window:
/// 1. the expected event stands later: what stands before it was inserted, or moved (when it fits later);
/// 2. versions are missing: removed;
/// 3. the next event follows this one as it stands: this one was changed in place;
/// 4. the next one follows under a version that is shifted: events before were removed or inserted, and the
///    rest renumbered.
/// </summary>
internal sealed class ChainWalker(Tenancy tenancy, string stream, Action<AuditIssue> report)
{
    /// <summary>How far events may have been moved and still be told from changed ones.</summary>
    public const int Window = 64;

    // a header has room for 960 bytes; whoever stores a longer type did not write it through the ledger
    private const int TypeLengthMax = 128;

    private readonly List<AuditEvent> _pending = [];
    private readonly List<AuditEvent> _skipped = [];
    private readonly List<(AuditEvent Event, int Written)> _displaced = [];
    private readonly byte[] _computed = new byte[EventHash.Bytes];
    private byte[]? _previous = EventHash.Genesis.ToArray();
    private int _next = 1;
    private int _shift;

    public void Add(in AuditEvent stored)
    {
        if (_pending.Count == 0 && _skipped.Count == 0 && _shift == 0 && stored.Version == _next
            && Follows(_previous, _next, stored))
        {
            Accept(stored);
            return;
        }
        _pending.Add(stored);
        if (_pending.Count > Window)
        {
            Step();
        }
    }

    public void Finish()
    {
        while (_pending.Count > 0)
        {
            Step();
        }
        while (_skipped.Count > 0)
        {
            if (_skipped.FindIndex(s => Follows(_previous, _next, s)) is >= 0 and var moved)
            {
                DeclareMoved(moved);
            }
            else
            {
                DeclareInserted();
            }
        }
    }

    private void Step()
    {
        var first = _pending[0];
        if (Follows(_previous, _next, first))
        {
            Place(first, 0);
            return;
        }
        var moved = _skipped.FindIndex(s => Follows(_previous, _next, s));
        if (moved >= 0)
        {
            DeclareMoved(moved);
            return;
        }
        var later = _pending.FindIndex(1, e => Follows(_previous, _next, e));
        if (later > 0)
        {
            _skipped.AddRange(_pending[..later]);
            _pending.RemoveRange(0, later);
            TrimSkipped();
            Place(_pending[0], 0);
            return;
        }
        JudgeUnlinked(first);
    }

    // nothing in the window follows the last good event
    private void JudgeUnlinked(AuditEvent first)
    {
        while (_skipped.Count > 0)
        {
            DeclareInserted();
        }
        _pending.RemoveAt(0);
        var standsFor = first.Version - _shift;
        if (standsFor > _next)
        {
            Issue(AuditIssueKind.Removed, _next, standsFor - 1, "the chain has no event with this version");
            (_previous, _next) = (null, standsFor);
        }
        if (_previous is null)
        {
            // its predecessor is gone, so nothing can speak against it; the next event is tied to it
            Accept(first);
            return;
        }
        if (_pending.Count > 0 && !Follows(first.Hash, _next + 1, _pending[0])
            && ShiftOf(first, _pending[0]) is var by && by != 0)
        {
            DeclareShift(first, by);
            return;
        }
        Issue(AuditIssueKind.Changed, first.Version, first.Version, _pending.Count > 0
            ? "its content is not what was hashed, or the event before it was rewritten with a new hash"
            : "its content is not what was hashed, or it was never written by the ledger");
        Accept(first);
    }

    private int ShiftOf(AuditEvent first, AuditEvent second)
    {
        for (var by = 1; by <= Window; by++)
        {
            if (Follows(first.Hash, _next + 1 + by, second))
            {
                return by;
            }
            if (_next + 1 - by > 0 && Follows(first.Hash, _next + 1 - by, second))
            {
                return -by;
            }
        }
        return 0;
    }

    private void DeclareShift(AuditEvent first, int by)
    {
        if (by > 0)
        {
            Issue(AuditIssueKind.Removed, _next, _next + by - 1,
                "it is gone, and the events after it were renumbered");
        }
        else
        {
            Issue(AuditIssueKind.Inserted, first.Version + by, first.Version - 1,
                "it was not written here; the events after it were renumbered");
        }
        _shift -= by;
        _next += by;
        Accept(first);
    }

    private void Place(AuditEvent stored, int index)
    {
        _pending.RemoveAt(index);
        var displacement = stored.Version - _next - _shift;
        if (_skipped.Count > 0)
        {
            _displaced.Add((stored, _next));
        }
        else if (displacement != 0)
        {
            Issue(AuditIssueKind.Reordered, stored.Version, stored.Version,
                $"it was written as version {_next}");
            _shift += displacement;
        }
        Accept(stored);
        if (_displaced.Count > Window)
        {
            DeclareInserted();
        }
    }

    private void DeclareMoved(int index)
    {
        var stored = _skipped[index];
        _skipped.RemoveAt(index);
        foreach (var (displaced, written) in _displaced.Prepend((stored, _next)))
        {
            if (displaced.Version - _shift != written)
            {
                Issue(AuditIssueKind.Reordered, displaced.Version, displaced.Version,
                    $"it was written as version {written}");
            }
        }
        _displaced.Clear();
        Accept(stored);
    }

    private void TrimSkipped()
    {
        while (_skipped.Count > Window)
        {
            DeclareInserted();
        }
    }

    private void DeclareInserted()
    {
        var stored = _skipped[0];
        _skipped.RemoveAt(0);
        Issue(AuditIssueKind.Inserted, stored.Version, stored.Version, "it does not belong to the chain");
        _shift++;
        if (_skipped.Count == 0)
        {
            _displaced.Clear();
        }
    }

    private void Accept(AuditEvent stored) => (_previous, _next) = (stored.Hash, _next + 1);

    private bool Follows(byte[]? previous, int version, in AuditEvent stored)
    {
        if (previous is not { Length: EventHash.Bytes } || stored.PayloadHash.Length != EventHash.Bytes
            || stored.Type.Length > TypeLengthMax)
        {
            return false;
        }
        EventHash.Chain(previous, tenancy, stream, version, stored.Type, stored.AtMicroseconds,
            stored.PayloadHash,
            _computed);
        return stored.Hash.AsSpan().SequenceEqual(_computed);
    }

    private void Issue(AuditIssueKind kind, int version, int last, string what) =>
        report(new AuditIssue(kind, tenancy, stream, version, last, what));
}
