using System.Buffers.Binary;

namespace Aegis.Durability.Proxy;

/// <summary>Cuts one direction of PostgreSQL's protocol into messages. Read only as far as the next whole
/// message: nothing is taken from the stream that is not handed on.</summary>
internal sealed class MessageReader(Stream stream)
{
    private const int MessageBytesMax = 256 << 20;

    /// <summary>The untyped first message (start-up, SSL or cancel request); null at the stream's
    /// end.</summary>
    public async ValueTask<byte[]?> StartAsync(CancellationToken cancel)
    {
        var head = new byte[4];
        return await FillAsync(head, cancel) ? await BodyAsync(head, 0, cancel) : null;
    }

    /// <summary>The next typed message with its type byte and length; null at the stream's end.</summary>
    public async ValueTask<byte[]?> NextAsync(CancellationToken cancel)
    {
        var head = new byte[5];
        return await FillAsync(head, cancel) ? await BodyAsync(head, 1, cancel) : null;
    }

    private async ValueTask<byte[]?> BodyAsync(byte[] head, int at, CancellationToken cancel)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(at));
        if (length is < 4 or > MessageBytesMax)
        {
            throw new InvalidDataException($"a message of {length} bytes");
        }
        var whole = new byte[at + length];
        head.CopyTo(whole, 0);
        return await FillAsync(whole.AsMemory(head.Length), cancel) ? whole : null;
    }

    private async ValueTask<bool> FillAsync(Memory<byte> buffer, CancellationToken cancel) =>
        await stream.ReadAtLeastAsync(
            buffer, buffer.Length, throwOnEndOfStream: false, cancel) == buffer.Length;
}
