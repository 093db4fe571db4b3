namespace Aegis.Tools.Deploy;

/// <summary>A part of a file as a stream that can be read again from its beginning.</summary>
internal sealed class ArchiveSlice(string path, long offset, long length) : Stream
{
    private readonly FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(file.SafeFileHandle, Rest(buffer.Length) is var count && count > 0
            ? buffer[..count] : [], offset + position);
        position += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await RandomAccess.ReadAsync(file.SafeFileHandle, buffer[..Rest(buffer.Length)],
            offset + position, cancellationToken);
        position += read;
        return read;
    }

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Rest(int count) => (int)Math.Clamp(length - position, 0, count);
}
