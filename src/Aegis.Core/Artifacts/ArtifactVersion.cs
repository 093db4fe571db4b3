namespace Aegis.Core.Artifacts;

/// <summary>A version as its fact tells it.</summary>
/// <param name="Bytes">Of the stored file: of a document with its front matter.</param>
/// <param name="ContentHash">SHA-256 of the stored file, hexadecimal; its name in Blobs.</param>
/// <param name="Header">The sealed front matter; left out of a run's stream.</param>
/// <param name="PublicKey">The SubjectPublicKeyInfo of KeyId; left out of a run's stream.</param>
public sealed record ArtifactVersion(string ArtifactId, int Version, string Path, string MediaType,
    long Bytes, string ContentHash, string? HashPrev, string HashCurr, string Signature, string KeyId,
    string Signer, string Status, string? TaskId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    bool Document = false, string? Header = null, byte[]? PublicKey = null)
{
    /// <summary>As a run's stream tells it: the whole stands in the artifact's own.</summary>
    public ArtifactVersion ForRun() => this with { Header = null, PublicKey = null };
}
