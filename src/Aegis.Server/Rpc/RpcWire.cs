using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Aegis.Sealing;
using Aegis.Server.Runs.Sockets;

namespace Aegis.Server.Rpc;

/// <summary>The messages of one connection.</summary>
internal sealed class RpcWire(WebSocket socket, CancellationToken cancel) : IDisposable
{
    private readonly MessageSocket messages =
        new(socket, DoorLimits.RpcMessageBytesMax, DoorLimits.StreamWriteMax, cancel);

    /// <summary>From the next message on, both ways.</summary>
    public void Seal(SealedChannel channel) => messages.Seal(channel);

    /// <summary>The next message; null where the client has closed.</summary>
    /// <exception cref="RpcBrokenException">It is too long, or not sealed as it must be.</exception>
    public async ValueTask<SocketMessage?> ReceiveAsync()
    {
        try
        {
            return await messages.ReceiveAsync();
        }
        catch (MessageSocketException e)
        {
            throw new RpcBrokenException(e.TooBig ? RpcEnd.TooBig : RpcEnd.Broken);
        }
    }

    public ValueTask SendAsync(Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(text))
        {
            write(json);
        }
        return SendAsync(text.WrittenMemory, false);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, bool binary) =>
        messages.SendAsync(message, binary);

    public void Dispose() => messages.Dispose();
}

/// <summary>The connection cannot go on.</summary>
internal sealed class RpcBrokenException(SocketEnd end) : Exception(end.Reason)
{
    public SocketEnd End => end;
}
