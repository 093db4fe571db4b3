using System.Text.Json;

namespace Aegis.Core.Audit;

/// <summary>One line of an export, told apart by <see cref="Kind"/>: <c>header</c>, then every
/// <c>checkpoint</c>, then every <c>event</c> stream by stream, then <c>end</c>. docs/ledger.md has the
/// members of each.</summary>
public sealed record ExportLine
{
    public const string FormatName = "aegis-export-1";
    public const string HeaderKind = "header";
    public const string CheckpointKind = "checkpoint";
    public const string EventKind = "event";
    public const string EndKind = "end";

    public required string Kind { get; init; }

    public string? Format { get; init; }

    public string? Home { get; init; }

    public string? Tenant { get; init; }

    public string? Project { get; init; }

    public byte[]? PublicKey { get; init; }

    public Checkpoint? Checkpoint { get; init; }

    public string? Stream { get; init; }

    public int? Version { get; init; }

    public string? Type { get; init; }

    /// <summary>Microseconds since 1970.</summary>
    public long? At { get; init; }

    public byte[]? Salt { get; init; }

    public byte[]? Payload { get; init; }

    /// <summary>Lowercase hexadecimal; only where the payload was erased.</summary>
    public string? PayloadHash { get; init; }

    /// <summary>Lowercase hexadecimal.</summary>
    public string? Hash { get; init; }

    public long? Events { get; init; }

    public long? Streams { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Checkpoint.Json);
}
