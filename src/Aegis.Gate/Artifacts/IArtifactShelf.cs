using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Artifacts;

namespace Aegis.Gate;

/// <summary>Port filled by the engine: where artifacts are put and found.</summary>
public interface IArtifactShelf
{
    /// <summary>Makes the next version.</summary>
    /// <exception cref="Core.Errors.AegisException">With what a client may read.</exception>
    ValueTask<ArtifactVersion> PutAsync(Principal by, ArtifactPut put, CancellationToken cancel);

    /// <summary>A version (the newest for null) and its stored bytes; null where there is none.</summary>
    ValueTask<ArtifactContent?> OpenAsync(Tenancy tenancy, string id, int? version, CancellationToken cancel);
}

/// <summary>A file that becomes a version.</summary>
/// <param name="Id">Null for the id that a document's front matter names, or else that of the
/// path.</param>
/// <param name="Path">Where it stands in the workspace.</param>
/// <param name="Status">Null for what the front matter says.</param>
/// <param name="Links">Null for what the front matter says.</param>
/// <param name="MediaType">Null for what the path's ending says.</param>
public sealed record ArtifactPut(string? Id, string Path, Stream Content, string? Status = null,
    ImmutableArray<ArtifactLink>? Links = null, string? MediaType = null, string? TaskId = null,
    int? ExpectedVersion = null);

public sealed record ArtifactContent(ArtifactVersion Version, Stream Bytes);
