using System.Buffers;
using Aegis.Blobs;

namespace Aegis.Models.Rehearsals;

/// <summary>How a body ended that was watched.</summary>
internal enum WatchedEnd
{
    Whole,

    /// <summary>The connection broke.</summary>
    Broken,

    /// <summary>Whoever read it gave up waiting, or went away.</summary>
    GivenUp,
}

/// <summary>Hands a provider's body on as it comes and keeps a copy, up to a limit. What is made of the copy
/// waits until the reader is done with the body.</summary>
internal sealed class RecordedStream(Stream inner, int most, Action<ReadOnlyMemory<byte>?, WatchedEnd> ended)
    : ReadingStream
{
    private readonly ArrayBufferWriter<byte> _copy = new();
    private WatchedEnd? _end;
    private bool _isTold;

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Note(buffer[..read]);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Note(buffer.Span[..read]);
            return read;
        }
        catch (Exception e)
        {
            _end ??= e is OperationCanceledException ? WatchedEnd.GivenUp : WatchedEnd.Broken;
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count,
        CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isTold)
        {
            _isTold = true;
            inner.Dispose();
            // a stream is often not read behind the word that ends it
            ended(Passed <= most ? _copy.WrittenMemory : default(ReadOnlyMemory<byte>?),
                _end ?? WatchedEnd.GivenUp);
        }
        base.Dispose(disposing);
    }

    private void Note(ReadOnlySpan<byte> read)
    {
        Passed += read.Length;
        if (Passed <= most)
        {
            _copy.Write(read);
        }
        if (read.IsEmpty)
        {
            _end ??= WatchedEnd.Whole;
        }
    }
}
