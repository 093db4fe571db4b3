using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Signatures;

namespace Aegis.Core.Artifacts;

/// <summary>Hash and signature of a version. hash_curr is SHA-256 over the canonical front matter without
/// hash_curr and signature, and the body; the key signs the text <c>aegis-artifact-1</c>, a line feed, and
/// hash_curr, which binds everything else.</summary>
public static class ArtifactSeal
{
    private const string StatementVersion = "aegis-artifact-1";

    public static string HashOf(ArtifactRecord record, ReadOnlySpan<byte> body)
    {
        var header = FrontMatterWriter.Write(record with { HashCurr = null, Signature = null });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(header));
        hash.AppendData(body);
        return Shown(hash.GetHashAndReset());
    }

    public static string Shown(ReadOnlySpan<byte> sha256) => "sha256:" + Convert.ToHexStringLower(sha256);

    /// <summary>The record with its hash and its signature.</summary>
    public static ArtifactRecord Seal(ArtifactRecord record, ReadOnlySpan<byte> body, ECDsa key)
    {
        var hash = HashOf(record, body);
        return record with { HashCurr = hash, Signature = P256Signature.Sign(key, Statement(hash)) };
    }

    /// <summary>What does not hold of this version alone, or null.</summary>
    /// <param name="publicKey">The SubjectPublicKeyInfo of record.KeyId; null where it is not
    /// known.</param>
    public static AegisError? Fault(SealedArtifact artifact, ReadOnlySpan<byte> publicKey)
    {
        var (record, which) = (artifact.Record, Named(artifact.Record));
        if (HashOf(record, artifact.Body.Span) is var hash && hash != record.HashCurr)
        {
            return new AegisError("AEGIS1167", $"{which} was changed after it was sealed", record.HashCurr,
                hash, "fetch it again, and find out who changed this copy");
        }
        if (publicKey.IsEmpty || P256Signature.KeyId(publicKey) != record.KeyId)
        {
            return new AegisError("AEGIS1168", $"the key that signed {which} is not at hand", record.KeyId,
                publicKey.IsEmpty ? "no key" : P256Signature.KeyId(publicKey),
                "take the project's public keys from GET /v1/artifact-keys");
        }
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        return P256Signature.IsBy(key, Statement(hash), record.Signature ?? "")
            ? null
            : new AegisError("AEGIS1168", $"the signature of {which} is not by the project's key",
                record.KeyId, null, "fetch it again: hash and signature do not belong together");
    }

    public static string Named(ArtifactRecord record) => $"{record.ArtifactId} version {record.Version}";

    private static byte[] Statement(string hash) => Encoding.ASCII.GetBytes($"{StatementVersion}\n{hash}");
}
