using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Aegis.Bench.Models;

/// <summary>One connection of a client of models, as thin as can be: on two cores every microsecond of a
/// client library would be taken from the server that is measured. Each request differs by its number, so
/// that no cache answers it.</summary>
internal sealed class ModelLane : IAsyncDisposable
{
    private const int NumberDigits = 12;
    private static readonly byte[] Chunked = "\r\n0\r\n\r\n"u8.ToArray();
    private static readonly byte[] Event = "data: "u8.ToArray();
    private static long number;

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly byte[] request;
    private readonly int at;
    private readonly bool streams;

    public ModelLane(string key, bool streams)
    {
        this.streams = streams;
        var words = string.Join(' ', Enumerable.Repeat("Tell me about the sea.", 16));
        var body = $$"""
            {"model":"fast",{{(streams ? "\"stream\":true," : "")}}"max_tokens":200,"messages":[
            {"role":"system","content":"You are brief. {{new string('0', NumberDigits)}}"},
            {"role":"user","content":"{{words}}"}]}
            """;
        request = Encoding.UTF8.GetBytes("POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\n"
            + $"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}");
        at = request.AsSpan().IndexOf(Encoding.UTF8.GetBytes(new string('0', NumberDigits)));
    }

    public async Task ConnectAsync(Uri server) => await socket.ConnectAsync(server.Host, server.Port);

    /// <returns>Milliseconds until the first event of a stream, and until the end.</returns>
    public async Task<(double First, double Whole)> CallAsync()
    {
        Interlocked.Increment(ref number).TryFormat(request.AsSpan(at, NumberDigits), out _,
            new string('0', NumberDigits), CultureInfo.InvariantCulture);
        var since = Stopwatch.GetTimestamp();
        await socket.SendAsync(request);
        var (length, first) = (0, 0.0);
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            length += read;
            if (read == 0 || length == buffer.Length)
            {
                throw new IOException("the server closed the connection, or answers too much");
            }
            if (streams && first == 0 && buffer.AsSpan(0, length).IndexOf(Event) >= 0)
            {
                first = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
            }
            if (IsWhole(buffer.AsSpan(0, length)))
            {
                var whole = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
                Check(buffer.AsSpan(0, length));
                return (first, whole);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Check(ReadOnlySpan<byte> answer)
    {
        if (!answer.StartsWith("HTTP/1.1 200"u8)
            || answer.IndexOf(streams ? "[DONE]"u8 : "nobody waited"u8) < 0)
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        if (answer.EndsWith(Chunked))
        {
            return true;
        }
        var head = answer.IndexOf("\r\n\r\n"u8);
        var length = head < 0 ? -1 : answer[..head].IndexOf("Content-Length: "u8);
        return length >= 0 && Utf8Parser.TryParse(answer[(length + 16)..], out int bytes, out _)
            && answer.Length - head - 4 >= bytes;
    }
}
