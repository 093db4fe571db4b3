using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Aegis.Bench.Mcp;

/// <summary>One connection of an MCP client, as thin as can be: on two cores every microsecond of a client
/// library would be taken from the server that is measured. Requests are the same bytes but for their id;
/// an answer is read to the end of its chunks and looked into.</summary>
internal sealed class McpLane : IAsyncDisposable
{
    private static readonly byte[] End = "0\r\n\r\n"u8.ToArray();
    private static readonly byte[] IsAnswer = "\"result\""u8.ToArray();
    private static readonly byte[] IsError = "\"isError\":true"u8.ToArray();

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[64 * 1024];

    public async Task ConnectAsync(Uri server) => await socket.ConnectAsync(server.Host, server.Port);

    /// <summary>The answer's text, headers too.</summary>
    public async Task<string> TextAsync(byte[] request) =>
        Encoding.UTF8.GetString(buffer, 0, await SendAsync(request));

    /// <summary>Throws where the call did not succeed.</summary>
    public async Task CallAsync(byte[] request)
    {
        var length = await SendAsync(request);
        var answer = buffer.AsSpan(0, length);
        if (answer.IndexOf(IsAnswer) < 0 || answer.IndexOf(IsError) >= 0)
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<int> SendAsync(byte[] request)
    {
        await socket.SendAsync(request);
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            length += read;
            if (read == 0 || length == buffer.Length)
            {
                throw new IOException("the server closed the connection, or answers too much");
            }
            if (IsWhole(buffer.AsSpan(0, length)))
            {
                return length;
            }
        }
    }

    /// <summary>A chunked body's end, or the length that the head names (0 for 202).</summary>
    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        if (answer.EndsWith(End))
        {
            return true;
        }
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }
        var at = answer[..head].IndexOf("Content-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(answer[(at + 16)..], out int length, out _)
            && answer.Length - head - 4 >= length;
    }
}
