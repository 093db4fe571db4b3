using System.Security.Cryptography;

namespace Aegis.Blobs;

/// <summary>Writes one blob in bounded memory. Disposing it before <see cref="CompleteAsync"/> leaves
/// nothing.</summary>
public sealed class BlobWriter : Stream
{
    private const int BufferBytes = 64 * 1024;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly string _temporary;
    private readonly string _root;
    private readonly string _folder;
    private readonly long _bytesMax;
    private readonly FileStream _file;
    private bool _completed;

    internal BlobWriter(string root, string temporary, string folder, long bytesMax)
    {
        (_root, _temporary, _folder, _bytesMax) = (root, temporary, folder, bytesMax);
        _file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = BufferBytes,
            UnixCreateMode = DurableFile.OwnerOnly,
        });
    }

    /// <summary>The bytes written so far.</summary>
    public long Bytes { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_completed;

    public override long Length => Bytes;

    public override long Position
    {
        get => Bytes;
        set => throw new NotSupportedException();
    }

    /// <summary>Makes the content durable and names it. The same content again is stored once.</summary>
    public Task<BlobRef> CompleteAsync(CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        cancel.ThrowIfCancellationRequested();
        return Task.Run(Complete, CancellationToken.None);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Bytes + buffer.Length > _bytesMax)
        {
            throw new BlobException(BlobFault.TooLarge, $"a blob here has at most {_bytesMax} bytes");
        }
        _hash.AppendData(buffer);
        _file.Write(buffer);
        Bytes += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // into the page cache: waiting for a thread costs more than the copy
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count,
        CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => _file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            _hash.Dispose();
            if (!_completed)
            {
                File.Delete(_temporary);
            }
        }
        base.Dispose(disposing);
    }

    private BlobRef Complete()
    {
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        var blob = new BlobRef(Convert.ToHexStringLower(_hash.GetHashAndReset()), Bytes);
        var target = BlobStore.InFolder(_folder, blob.Hash);
        var directory = Path.GetDirectoryName(target)!;
        var isNew = !Directory.Exists(directory);
        Directory.CreateDirectory(directory, DurableFile.OwnerOnlyDirectory);
        File.Move(_temporary, target, overwrite: true);
        _completed = true;
        DurableFile.SyncDirectory(directory);
        for (var made = directory; isNew && made != _root; made = Path.GetDirectoryName(made)!)
        {
            DurableFile.SyncDirectory(Path.GetDirectoryName(made)!);
        }
        return blob;
    }
}
