using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Discovery.Store;

/// <summary>Takes a file's bytes as they come, and says at the end whether they are those that the hub
/// states: by SHA-256, or, for a small file, by the SHA-1 that git names it by.</summary>
internal sealed class FileCheck : IDisposable
{
    private readonly ManifestFile file;
    private readonly IncrementalHash hash;

    public FileCheck(ManifestFile file)
    {
        this.file = file;
        hash = IncrementalHash.CreateHash(
            file.Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        Begin();
    }

    public void Add(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);

    public void Restart()
    {
        _ = hash.GetHashAndReset();
        Begin();
    }

    /// <summary>The hash that it has in place of the right one; null where it is right.</summary>
    public (string Expected, string Got)? Wrong()
    {
        var got = Convert.ToHexStringLower(hash.GetHashAndReset());
        var expected = file.Sha256 ?? file.GitBlob!;
        return got == expected ? null : (expected, got);
    }

    public void Dispose() => hash.Dispose();

    private void Begin()
    {
        if (file.Sha256 is null)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"blob {file.Bytes}\0")));
        }
    }
}
