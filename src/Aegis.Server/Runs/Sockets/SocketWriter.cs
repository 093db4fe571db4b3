using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;

namespace Aegis.Server.Runs.Sockets;

/// <summary>Sends whole messages, one at a time, whoever they come from. A client that does not take one in
/// time is cut off, as on every stream.</summary>
internal sealed class SocketWriter(WebSocket socket, CancellationToken cancel) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> json)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(DoorLimits.StreamWriteMax);
        await turn.WaitAsync(limit.Token);
        try
        {
            await socket.SendAsync(json, WebSocketMessageType.Text, true, limit.Token);
        }
        finally
        {
            turn.Release();
        }
    }

    public ValueTask SendAsync(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }
        return SendAsync(buffer.WrittenMemory);
    }

    public void Dispose() => turn.Dispose();
}
