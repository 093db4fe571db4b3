using System.Security.Cryptography;

namespace Aegis.Blobs;

/// <summary>Hashes what is read; the read that meets the end fails where the content is not what it should
/// be.</summary>
internal sealed class VerifyingStream(FileStream file, BlobRef blob) : ReadingStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override long Length => blob.Bytes;

    public override int Read(Span<byte> buffer)
    {
        var read = file.Read(buffer);
        _hash.AppendData(buffer[..read]);
        Passed += read;
        if (read == 0 && buffer.Length > 0 && Convert.ToHexStringLower(_hash.GetCurrentHash()) != blob.Hash)
        {
            throw new BlobException(BlobFault.Damaged, $"blob {blob.Hash} has been changed on disk");
        }
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
