using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aegis.Bench.Mcp;

/// <summary>The raw limit of the same run: Kestrel that reads the same requests, answers about as many bytes,
/// and does nothing else.</summary>
internal sealed class BareServer : IAsyncDisposable
{
    private static readonly byte[] Answer = Encoding.UTF8.GetBytes(
        "event: message\n" + """data: {"result":{"content":[{"type":"text","text":"x"}]}}""" + "\n\n");

    private readonly WebApplication app;

    private BareServer(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.Single());

    public static async Task<BareServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(
                IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return new BareServer(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext http)
    {
        await http.Request.BodyReader.CopyToAsync(Stream.Null);
        http.Response.ContentType = "text/event-stream";
        await http.Response.Body.WriteAsync(Answer);
    }
}
