using System.Security.Cryptography;

namespace Aegis.Sandbox.Kinds.Container;

/// <summary>Hashes what is read through it, and reads no more than its limit.</summary>
internal sealed class HashedStream(Stream from, IncrementalHash hash, long bytesMax) : Stream
{
    private long read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => read;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var got = from.Read(buffer);
        Count(buffer[..got]);
        return got;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        var got = await from.ReadAsync(buffer, cancel);
        Count(buffer.Span[..got]);
        return got;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) =>
        ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();

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
            from.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> got)
    {
        read += got.Length;
        if (read > bytesMax)
        {
            throw KindErrors.ImageRefused("a layer", $"at most {bytesMax} bytes", "more");
        }
        hash.AppendData(got);
    }
}
