using System.Collections.Immutable;

namespace Aegis.Core.Artifacts;

/// <summary>What an artifact points at, such as <c>depends_on</c> a task.</summary>
public sealed record ArtifactLink(string Type, string Ref);

/// <summary>A member that is the author's own: its value in the one form of <see
/// cref="CanonicalJson"/>.</summary>
public sealed record ArtifactExtra(string Name, string Json);

/// <summary>The front matter of one version. A document (.md) carries it inside the file; for every other
/// file it stands alone, and ContentHash ties the file to it. docs/artifacts.md has every member.</summary>
/// <remarks>Hashes are <c>sha256:</c> and 64 hexadecimal digits. HashCurr and Signature are null until
/// <see cref="ArtifactSeal"/> has sealed the version.</remarks>
public sealed record ArtifactRecord
{
    public const string SchemaVersionNow = "1.0";

    public required string ArtifactId { get; init; }

    public required string TenantId { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>The task that made this version; null for one that was put by hand.</summary>
    public string? TaskId { get; init; }

    /// <summary>Where the file stood in the workspace.</summary>
    public required string Path { get; init; }

    /// <summary>Null for a document.</summary>
    public string? MediaType { get; init; }

    /// <summary>Null for a document: its body is hashed with the front matter.</summary>
    public string? ContentHash { get; init; }

    public long? ContentBytes { get; init; }

    public required int Version { get; init; }

    /// <summary>Null for the first version.</summary>
    public string? HashPrev { get; init; }

    public string? HashCurr { get; init; }

    /// <summary>Who put it.</summary>
    public required string Signer { get; init; }

    /// <summary>The project's key that signs.</summary>
    public required string KeyId { get; init; }

    public string SchemaVersion { get; init; } = SchemaVersionNow;

    public required string Status { get; init; }

    /// <summary>When the first version was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When this one was.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    public ImmutableArray<ArtifactLink> Links { get; init; } = [];

    /// <summary>In the order of their names.</summary>
    public ImmutableArray<ArtifactExtra> Extra { get; init; } = [];

    public string? Signature { get; init; }

    public bool IsDocument => ContentHash is null;
}
