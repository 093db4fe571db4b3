using System.Collections.Concurrent;
using System.Collections.Specialized;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Aegis.Tests.Shared;

/// <summary>A real HTTP server on this machine that answers OpenAI's chat path as a test tells it
/// to.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    private readonly LoopbackHttp _http = new();
    private readonly Func<ChatServer, HttpListenerContext, Task> _answer;
    private readonly Task _loop;

    public ChatServer(Func<ChatServer, HttpListenerContext, Task> answer)
    {
        _answer = answer;
        _loop = Task.Run(AcceptAsync);
    }

    public int Port => _http.Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/v1");

    public ConcurrentQueue<(string Path, string? Authorization, JsonElement Body, string Query,
        NameValueCollection Headers)> Requests { get; } = new();

    /// <summary>Where it is set, a streamed answer waits for it behind its first piece.</summary>
    public Task Goes { get; set; } = Task.CompletedTask;

    public TaskCompletionSource Received { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static ChatServer Replying(string text, int inputTokens = 100, int outputTokens = 10) =>
        new((server, context) => server.Requests.Last().Body.TryGetProperty("stream", out var stream)
            && stream.GetBoolean() ? server.StreamAsync(context, text, inputTokens, outputTokens)
            : server.SendAsync(context, 200, Completion(text, inputTokens, outputTokens)));

    public static ChatServer Failing(int status, string body) =>
        new((server, context) => server.SendAsync(context, status, body));

    public static string Completion(string text, int inputTokens, int outputTokens) =>
        JsonSerializer.Serialize(new
    {
        id = "c-1",
        @object = "chat.completion",
        created = 1,
        model = "tiny-1-2026",
        choices = new[] { new { index = 0, finish_reason = "stop",
            message = new { role = "assistant", content = text } } },
        usage = new { prompt_tokens = inputTokens, completion_tokens = outputTokens,
            total_tokens = inputTokens + outputTokens },
    });

    public async Task SendAsync(HttpListenerContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }

    /// <summary>A word is a piece.</summary>
    private async Task StreamAsync(HttpListenerContext context, string text, int input, int output)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.SendChunked = true;
        foreach (var word in text.Split(' ').Select((w, i) => i == 0 ? w : $" {w}"))
        {
            await PieceAsync(JsonSerializer.Serialize(new[] { new { index = 0,
                delta = new { role = "assistant", content = word } } }), "null");
            await Goes;
        }
        await PieceAsync("[]", JsonSerializer.Serialize(new { prompt_tokens = input,
            completion_tokens = output, total_tokens = input + output }));
        await context.Response.OutputStream.WriteAsync("data: [DONE]\n\n"u8.ToArray());
        context.Response.Close();

        async Task PieceAsync(string choices, string usage)
        {
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(
                "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                + $"\"model\":\"tiny-1-2026\",\"choices\":{choices},\"usage\":{usage}}}\n\n"));
            await context.Response.OutputStream.FlushAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _loop;
    }

    private async Task AcceptAsync()
    {
        while (await _http.NextAsync() is { } context)
        {
            try
            {
                using var body = await JsonDocument.ParseAsync(context.Request.InputStream);
                Requests.Enqueue((context.Request.Url!.AbsolutePath, context.Request.Headers["Authorization"],
                    body.RootElement.Clone(), context.Request.Url.Query, context.Request.Headers));
                Received.TrySetResult();
                await _answer(this, context);
            }
            catch (Exception e) when (e is HttpListenerException or InvalidOperationException or IOException)
            {
                // the client went away, or the server was stopped under it
            }
        }
    }
}
