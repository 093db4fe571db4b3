using System.Security.Cryptography;

namespace Aegis.Core.FileHashes;

/// <summary>Joins the hashes of single files as GitHub's runner does: SHA-256 over the SHA-256 of each file's
/// content, one after the other.</summary>
public sealed class FileHashSum : IDisposable
{
    private readonly IncrementalHash sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public int Files { get; private set; }

    /// <param name="sha256">32 bytes.</param>
    public void Add(ReadOnlySpan<byte> sha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sha256.Length, SHA256.HashSizeInBytes);
        sum.AppendData(sha256);
        Files++;
    }

    /// <summary>Hex in lower case; empty where nothing was added.</summary>
    public string Finish() => Files == 0 ? "" : Convert.ToHexStringLower(sum.GetHashAndReset());

    public void Dispose() => sum.Dispose();
}
