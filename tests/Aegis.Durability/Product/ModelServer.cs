using System.Net;
using System.Text;
using Aegis.Tests.Shared;

namespace Aegis.Durability.Product;

/// <summary>A model's server on loopback that speaks just enough of OpenAI's protocol, always answers the
/// same, and can hold an answer back: so a model call can be met in the middle.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private const string Reply = """
        {"id":"1","object":"chat.completion","created":0,"model":"any","choices":[{"index":0,
        "finish_reason":"stop",
        "message":{"role":"assistant","content":"By its traces."}}],
        "usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}
        """;

    private readonly LoopbackHttp http = new();
    private readonly Task serving;
    private volatile Hold? hold;

    public ModelServer() => serving = ServeAsync();

    public int Port => http.Port;

    public string Profile => $$"""
        profile_id: durability
        providers:
          counted:
            base_url: http://127.0.0.1:{{Port}}/v1
            prices: { any: { input_usd_per_million: 1, output_usd_per_million: 1 } }
        """;

    /// <summary>Keeps the next answer back until it is released.</summary>
    public Hold HoldNext() => hold = new Hold();

    public async ValueTask DisposeAsync()
    {
        hold?.Release();
        http.Dispose();
        await serving;
    }

    private async Task ServeAsync()
    {
        while (await http.NextAsync() is { } context)
        {
            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            if (Interlocked.Exchange(ref hold, null) is { } held)
            {
                await held.EnterAsync();
            }
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Reply));
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // the asker was killed
        }
    }

    internal sealed class Hold
    {
        private readonly TaskCompletionSource entered =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource released =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => entered.Task;

        public void Release() => released.TrySetResult();

        public Task EnterAsync()
        {
            entered.TrySetResult();
            return released.Task;
        }
    }
}
