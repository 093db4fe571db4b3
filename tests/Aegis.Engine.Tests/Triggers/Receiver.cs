using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aegis.Engine.Tests.Triggers;

/// <summary>A call as a receiver of webhooks got it.</summary>
internal sealed record ReceivedCall(string Id, DateTimeOffset At, string Signature, string Body);

/// <summary>A receiver of webhooks on this host; it answers what the test tells it.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;
    private readonly ConcurrentQueue<int> answers = new();
    private readonly SemaphoreSlim came = new(0);

    public Receiver()
    {
        Port = FreePort();
        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        serving = Task.Run(ServeAsync);
    }

    public int Port { get; }

    public string Host => $"127.0.0.1:{Port}";

    public Uri Url => new($"http://{Host}/hook");

    public ConcurrentQueue<ReceivedCall> Calls { get; } = new();

    /// <summary>What the next calls are answered; 204 after them.</summary>
    public void Answer(params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            answers.Enqueue(status);
        }
    }

    public async Task WaitAsync(int calls)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Calls.Count < calls)
        {
            await came.WaitAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
        came.Dispose();
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext http;
            try
            {
                http = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var reader = new StreamReader(http.Request.InputStream);
            var headers = http.Request.Headers;
            var call = new ReceivedCall(headers["webhook-id"]!, DateTimeOffset.FromUnixTimeSeconds(
                long.Parse(headers["webhook-timestamp"]!, CultureInfo.InvariantCulture)),
                headers["webhook-signature"]!, await reader.ReadToEndAsync());
            http.Response.StatusCode = answers.TryDequeue(out var status) ? status : 204;
            if (http.Response.StatusCode == 302)
            {
                http.Response.Headers["Location"] = $"http://{Host}/elsewhere";
            }
            Calls.Enqueue(call);
            http.Response.Close();
            came.Release();
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
