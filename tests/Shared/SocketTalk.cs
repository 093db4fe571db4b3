using System.Net.WebSockets;
using System.Text;

namespace Aegis.Tests.Shared;

/// <summary>A client of a run's WebSocket: whole messages of text, within a limit of time.</summary>
internal sealed class SocketTalk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private SocketTalk(string? key, params (string Name, string Value)[] headers)
    {
        Socket.Options.CollectHttpResponseDetails = true;
        if (key is not null)
        {
            Socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        }
        foreach (var (name, value) in headers)
        {
            Socket.Options.SetRequestHeader(name, value);
        }
    }

    public ClientWebSocket Socket { get; } = new();

    public static async Task<SocketTalk> OpenAsync(Uri server, string path, string key)
    {
        var talk = new SocketTalk(key);
        await talk.Socket.ConnectAsync(AddressOf(server, path), default);
        return talk;
    }

    /// <summary>The HTTP status by which it was not opened.</summary>
    public static async Task<int> RefusalAsync(
        Uri server, string path, string? key, params (string Name, string Value)[] headers)
    {
        using var talk = new SocketTalk(key, headers);
        await Assert.ThrowsAsync<WebSocketException>(
            () => talk.Socket.ConnectAsync(AddressOf(server, path), default));
        return (int)talk.Socket.HttpStatusCode;
    }

    public async Task SendAsync(string text) => await Socket.SendAsync(
        Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    /// <summary>The next message; null for the close.</summary>
    public async Task<string?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var read = await Socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }
            whole.Write(buffer, 0, read.Count);
            if (read.EndOfMessage)
            {
                return Encoding.UTF8.GetString(whole.ToArray());
            }
        }
    }

    public void Dispose() => Socket.Dispose();

    private static Uri AddressOf(Uri server, string path) => new($"ws://{server.Authority}{path}");
}
