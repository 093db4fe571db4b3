namespace Aegis.Blobs;

/// <summary>Another stream, of which no more than a number of bytes is read; more is an error. For what
/// unpacks to very much, and for a connection whose other side sends what its reader would keep.</summary>
/// <param name="inner">What is read, disposed of with this.</param>
/// <param name="bytesMax">Bytes that may come.</param>
/// <param name="tooMuch">The error, from the limit; an <see cref="InvalidDataException"/> where none is
/// given.</param>
public sealed class BoundedStream(Stream inner, long bytesMax, Func<long, Exception>? tooMuch = null) : Stream
{
    private long read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        Counted(inner.Read(buffer, offset, count));

    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Counted(int bytes) => (read += bytes) <= bytesMax ? bytes
        : throw tooMuch?.Invoke(bytesMax)
            ?? new InvalidDataException($"more than {bytesMax} bytes came");
}
