using System.Security.Cryptography;

namespace Aegis.Blobs;

/// <summary>Hashes what is read; the read that meets the end fails where the content is not what it should
/// be.</summary>
internal sealed class VerifyingStream(FileStream file, BlobRef blob) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => blob.Bytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = file.Read(buffer);
        _hash.AppendData(buffer[..read]);
        _position += read;
        if (read == 0 && buffer.Length > 0 && Convert.ToHexStringLower(_hash.GetCurrentHash()) != blob.Hash)
        {
            throw new BlobException(BlobFault.Damaged, $"blob {blob.Hash} has been changed on disk");
        }
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
