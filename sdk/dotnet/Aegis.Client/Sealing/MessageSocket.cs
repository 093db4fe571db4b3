using System.Net.WebSockets;

namespace Aegis.Sealing;

/// <summary>A message as it came; valid until the next one is asked for.</summary>
internal readonly record struct SocketMessage(bool Binary, ReadOnlyMemory<byte> Bytes);

/// <summary>Whole messages over a WebSocket, sealed once the ends have agreed on keys. Reads for one reader,
/// sends one at a time whoever they come from; an end that does not take a message in time is given
/// up.</summary>
internal sealed class MessageSocket(WebSocket socket, int messageBytesMax, TimeSpan writeMax,
    CancellationToken cancel) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private byte[] buffer = new byte[16 * 1024];
    private byte[] opened = [];
    private byte[] scratch = [];
    private byte[] outgoing = [];
    private SealedChannel? seal;

    /// <summary>From the next message on, both ways.</summary>
    public void Seal(SealedChannel channel) => seal = channel;

    /// <summary>The next message; null where the other end has closed.</summary>
    /// <exception cref="MessageSocketException">It is too long, or not sealed as it must be.</exception>
    public async ValueTask<SocketMessage?> ReceiveAsync()
    {
        var filled = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled), cancel);
            filled += read.Count;
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }
            if (read.EndOfMessage)
            {
                return Opened(read.MessageType == WebSocketMessageType.Binary, buffer.AsMemory(0, filled));
            }
            if (filled == buffer.Length)
            {
                Grow();
            }
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, bool binary)
    {
        await turn.WaitAsync(cancel);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(writeMax);
            if (seal is not null)
            {
                (message, binary) = (Sealed(message.Span, binary), true);
            }
            await socket.SendAsync(message,
                binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, true, limit.Token);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        seal?.Dispose();
        turn.Dispose();
    }

    private SocketMessage Opened(bool binary, ReadOnlyMemory<byte> message)
    {
        if (seal is null)
        {
            return message.Length <= messageBytesMax ? new SocketMessage(binary, message)
                : throw new MessageSocketException(tooBig: true);
        }
        Room(ref opened, message.Length);
        var length = binary ? seal.Open(message.Span, opened) : -1;
        return length > 0
            ? new SocketMessage(opened[0] == 1, opened.AsMemory(1, length - 1))
            : throw new MessageSocketException(tooBig: false);
    }

    private ReadOnlyMemory<byte> Sealed(ReadOnlySpan<byte> message, bool binary)
    {
        Room(ref scratch, message.Length + 1);
        Room(ref outgoing, message.Length + SealedChannel.OverheadBytes);
        return outgoing.AsMemory(0, seal!.Seal(binary, message, scratch, outgoing));
    }

    private void Grow()
    {
        var max = messageBytesMax + SealedChannel.OverheadBytes;
        if (buffer.Length >= max)
        {
            throw new MessageSocketException(tooBig: true);
        }
        Array.Resize(ref buffer, Math.Min(buffer.Length * 4, max));
    }

    private static void Room(ref byte[] bytes, int length)
    {
        if (bytes.Length < length)
        {
            bytes = new byte[Math.Max(length, bytes.Length * 2)];
        }
    }
}

/// <summary>The connection cannot go on.</summary>
internal sealed class MessageSocketException(bool tooBig)
    : Exception(tooBig ? "a message is too long" : "the sealed channel is broken")
{
    public bool TooBig => tooBig;
}
