using Aegis.Blobs;

namespace Aegis.Models.Rehearsals;

/// <summary>A body that comes event by event, as slowly as it is told, and ends as it is told.</summary>
internal sealed class RehearsedBody(IReadOnlyList<ReadOnlyMemory<byte>> chunks, BodyEnd end,
    TimeSpan first, TimeSpan between, TimeProvider time) : ReadingStream
{
    private int _next;
    private ReadOnlyMemory<byte> _here;

    public override int Read(Span<byte> buffer) =>
        throw new NotSupportedException("a rehearsed body waits: read it asynchronously");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (_here.IsEmpty)
        {
            if (_next == chunks.Count)
            {
                return await EndAsync(cancellationToken);
            }
            var wait = _next == 0 ? first : between;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }
            _here = chunks[_next++];
        }
        var count = Math.Min(buffer.Length, _here.Length);
        _here[..count].CopyTo(buffer);
        _here = _here[count..];
        Passed += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count,
        CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async ValueTask<int> EndAsync(CancellationToken cancel)
    {
        if (end == BodyEnd.Silent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
        }
        return end == BodyEnd.Broken ? throw new IOException("the rehearsal broke off here") : 0;
    }
}
