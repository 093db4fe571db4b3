using System.Collections.Immutable;

namespace Aegis.Core.Audit;

/// <summary>What was done to an event, a stream or a checkpoint.</summary>
public enum AuditIssueKind
{
    /// <summary>The event's content is not what was hashed.</summary>
    Changed,

    /// <summary>An event that was written is gone.</summary>
    Removed,

    /// <summary>An event stands here that was not written here.</summary>
    Inserted,

    /// <summary>The event stands at another version than it was written as.</summary>
    Reordered,

    /// <summary>A payload is gone, and no PayloadErased of the project says so.</summary>
    ErasedWithoutRecord,

    /// <summary>A checkpoint's signature, root, sequence or link to its predecessor does not hold.</summary>
    CheckpointBroken,

    /// <summary>The row that names the stream was changed or removed.</summary>
    StreamChanged,

    /// <summary>A line of an export cannot be read.</summary>
    Malformed,
}

/// <summary>One finding, about the versions <paramref name="Version"/> to <paramref name="LastVersion"/> of a
/// stream (0 where it is about no event).</summary>
public sealed record AuditIssue(AuditIssueKind Kind, Tenancy Tenancy, string Stream, int Version,
    int LastVersion,
    string What)
{
    public override string ToString()
    {
        var versions = Version == 0 ? "" : Version == LastVersion ? $" version {Version}"
            : $" versions {Version}-{LastVersion}";
        var place = Stream.Length == 0 ? "" : $" {Tenancy}/{Stream}{versions}";
        return $"{Kind}{place}: {What}";
    }
}

/// <summary>The verdict over a ledger or an export. <paramref name="More"/> counts issues past
/// <see cref="IssuesMax"/>.</summary>
public sealed record AuditReport(long Events, long Streams, long Erased, int Checkpoints,
    string? KeyFingerprint,
    ImmutableArray<AuditIssue> Issues, long More)
{
    public const int IssuesMax = 1_000;

    public bool IsIntact => Issues.IsEmpty;
}

/// <summary>One stored event as the audit sees it: the payload only by its hash, but for the records of
/// erasure.</summary>
public readonly record struct AuditEvent(int Version, string Type, long AtMicroseconds, byte[] PayloadHash,
    byte[] Hash,
    bool Erased);
