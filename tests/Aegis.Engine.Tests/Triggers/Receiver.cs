using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Triggers;

/// <summary>A call as a receiver of webhooks got it.</summary>
internal sealed record ReceivedCall(string Id, DateTimeOffset At, string Signature, string Body);

/// <summary>A receiver of webhooks on this host; it answers what the test tells it.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly LoopbackHttp http = new();
    private readonly Task serving;
    private readonly ConcurrentQueue<int> answers = new();
    private readonly SemaphoreSlim came = new(0);

    public Receiver() => serving = Task.Run(ServeAsync);

    public int Port => http.Port;

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
        http.Dispose();
        await serving;
        came.Dispose();
    }

    private async Task ServeAsync()
    {
        while (await http.NextAsync() is { } asked)
        {
            try
            {
                await TakeAsync(asked);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // the sender went away, or the receiver was stopped under it
            }
        }
    }

    private async Task TakeAsync(HttpListenerContext asked)
    {
        using var reader = new StreamReader(asked.Request.InputStream);
        var headers = asked.Request.Headers;
        var call = new ReceivedCall(headers["webhook-id"]!, DateTimeOffset.FromUnixTimeSeconds(
            long.Parse(headers["webhook-timestamp"]!, CultureInfo.InvariantCulture)),
            headers["webhook-signature"]!, await reader.ReadToEndAsync());
        asked.Response.StatusCode = answers.TryDequeue(out var status) ? status : 204;
        if (asked.Response.StatusCode == 302)
        {
            asked.Response.Headers["Location"] = $"http://{Host}/elsewhere";
        }
        Calls.Enqueue(call);
        asked.Response.Close();
        came.Release();
    }
}
