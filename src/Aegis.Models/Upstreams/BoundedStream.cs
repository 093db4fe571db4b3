using Aegis.Blobs;

namespace Aegis.Models.Upstreams;

/// <summary>A provider's answer up to a limit, so that none can fill the memory.</summary>
internal sealed class BoundedStream(Stream inner, long most) : ReadingStream
{
    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count,
        CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        Passed += read;
        return Passed <= most ? read
            : throw new InvalidDataException(FormattableString.Invariant(
                $"it is longer than the limit of {most} bytes"));
    }
}
