using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Models.Caching;

/// <summary>SHA-256 over parts that cannot run into each other, each behind its length. What fits into the
/// buffer is hashed in one go.</summary>
internal ref struct CanonicalHash
{
    private const int BufferBytes = 16 * 1024;
    private byte[]? _buffer;
    private IncrementalHash? _long;
    private int _used;

    public void Add(scoped ReadOnlySpan<byte> part)
    {
        Number(part.Length);
        Write(part);
    }

    public void Add(string? text)
    {
        var length = Encoding.UTF8.GetByteCount(text ?? "");
        Number(length);
        var room = Room(length);
        if (room.Length >= length)
        {
            _used += Encoding.UTF8.GetBytes(text, room);
        }
        else
        {
            Write(Encoding.UTF8.GetBytes(text ?? ""));
        }
    }

    public void Mark(byte mark)
    {
        Room(1)[0] = mark;
        _used++;
    }

    public void Number(long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(8), number);
        _used += 8;
    }

    /// <summary>Ends it; the hash cannot be used any further.</summary>
    public void Finish(scoped Span<byte> sha256)
    {
        if (_long is null)
        {
            SHA256.HashData(_buffer.AsSpan(0, _used), sha256);
        }
        else
        {
            _long.AppendData(_buffer.AsSpan(0, _used));
            _long.GetHashAndReset(sha256);
        }
        Dispose();
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            // it held a conversation
            buffer.AsSpan(0, _used).Clear();
            ArrayPool<byte>.Shared.Return(buffer);
            _buffer = null;
        }
        _long?.Dispose();
        _long = null;
        _used = 0;
    }

    private void Write(scoped ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = Room(1);
            var length = Math.Min(room.Length, bytes.Length);
            bytes[..length].CopyTo(room);
            _used += length;
            bytes = bytes[length..];
        }
    }

    private Span<byte> Room(int least)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
        if (_buffer.Length - _used < least)
        {
            _long ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _long.AppendData(_buffer.AsSpan(0, _used));
            _used = 0;
        }
        return _buffer.AsSpan(_used);
    }
}
