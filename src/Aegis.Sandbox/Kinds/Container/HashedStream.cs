using System.Security.Cryptography;
using Aegis.Blobs;

namespace Aegis.Sandbox.Kinds.Container;

/// <summary>Hashes what is read through it, and reads no more than its limit.</summary>
internal sealed class HashedStream(Stream from, IncrementalHash hash, long bytesMax) : ReadingStream
{
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
        Passed += got.Length;
        if (Passed > bytesMax)
        {
            throw KindErrors.ImageRefused("a layer", $"at most {bytesMax} bytes", "more");
        }
        hash.AppendData(got);
    }
}
