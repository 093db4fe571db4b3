using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aegis.Bench.Models;

/// <summary>A provider that answers at once: the raw limit when it is called directly, and what stands behind
/// the gateway in the same run. It reads the whole call, and streams where the call says so.</summary>
internal sealed class FakeModel : IAsyncDisposable
{
    private const int Pieces = 16;
    private static readonly byte[] Stream = "\"stream\":true"u8.ToArray();

    private static readonly byte[] Whole = Encoding.UTF8.GetBytes("""
        {"id":"c","object":"chat.completion","created":1,"model":"m",
        "choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",
        "content":"Of all the words that a model can say these are a few, and nobody waited for them."}}],
        "usage":{"prompt_tokens":120,"completion_tokens":18,"total_tokens":138}}
        """);

    private static readonly byte[] Piece = Event("""
        [{"index":0,"delta":{"content":" word"},"finish_reason":null}]
        """);

    private static readonly byte[] Last =
    [
        .. Event("""[{"index":0,"delta":{},"finish_reason":"stop"}]"""),
        .. Event("""
            [],"usage":{"prompt_tokens":120,"completion_tokens":18,"total_tokens":138}
            """),
        .. "data: [DONE]\n\n"u8,
    ];

    private readonly WebApplication app;

    private FakeModel(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.Single());

    public static async Task<FakeModel> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return new FakeModel(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext http)
    {
        var body = new byte[http.Request.ContentLength ?? 0];
        await http.Request.Body.ReadExactlyAsync(body);
        if (body.AsSpan().IndexOf(Stream) < 0)
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = Whole.Length;
            await http.Response.BodyWriter.WriteAsync(Whole);
            return;
        }
        http.Response.ContentType = "text/event-stream";
        for (var i = 0; i < Pieces; i++)
        {
            await http.Response.BodyWriter.WriteAsync(Piece);
        }
        await http.Response.BodyWriter.WriteAsync(Last);
    }

    private static byte[] Event(string choices) => Encoding.UTF8.GetBytes(
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
        + choices.Trim() + "}\n\n");
}
