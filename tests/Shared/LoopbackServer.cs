using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Aegis.Tests.Shared;

/// <summary>A server on a loopback port that answers each connection with what the test says, byte for
/// byte, and remembers what it was asked.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly LoopbackPort port = new();
    private readonly Func<string, byte[]?> answer;
    private readonly Task accepting;

    /// <param name="answer">From a request's head to the answer; null to say nothing and hold on.</param>
    public LoopbackServer(Func<string, byte[]?> answer)
    {
        this.answer = answer;
        accepting = AcceptAsync();
    }

    public int Port => port.Number;

    public string Entry => $"127.0.0.1:{Port}";

    public Uri Url(string path = "/") => new($"http://127.0.0.1:{Port}{path}");

    /// <summary>Heads and bodies in the order in which they came.</summary>
    public ConcurrentQueue<(string Head, string Body)> Asked { get; } = new();

    public static byte[] Ok(string body = "", string headers = "") => Status("200 OK", body, headers);

    public static byte[] Status(string line, string body = "", string headers = "") => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 {line}\r\nConnection: close\r\n"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    public async ValueTask DisposeAsync()
    {
        port.Dispose();
        await accepting;
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        while (await port.NextAsync() is { } client)
        {
            serving.Add(ServeAsync(client));
        }
        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = await HeadAsync(stream);
                var length = head.Split("\r\n").Where(line =>
                    line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    .Select(line => int.Parse(line.Split(':')[1], CultureInfo.InvariantCulture))
                    .FirstOrDefault();
                var body = new byte[length];
                await stream.ReadExactlyAsync(body, port.Stopped);
                Asked.Enqueue((head, Encoding.UTF8.GetString(body)));
                if (answer(head) is { } bytes)
                {
                    await stream.WriteAsync(bytes, port.Stopped);
                }
                else
                {
                    await port.Ended;
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // the client went away, or the test is over
            }
        }
    }

    private async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, port.Stopped);
            head.Append((char)one[0]);
        }
        return head.ToString();
    }
}
