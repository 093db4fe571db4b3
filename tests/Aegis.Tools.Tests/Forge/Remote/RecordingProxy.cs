using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Aegis.Tools.Tests.Forge.Remote;

/// <summary>A request that passed, and what came back.</summary>
public sealed record Passed(string Method, string Path, string Query, string Body,
    IReadOnlyDictionary<string, string> Headers, int Status, string Violations)
{
    public override string ToString() => $"{Method} {Path}{Query} {Body} -> {Status} {Violations}";
}

/// <summary>Stands between the product and a forge: passes everything on, remembers it, and can lose an
/// answer or a request on its way.</summary>
public sealed class RecordingProxy : IAsyncDisposable
{
    private static readonly HashSet<string> NotPassed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Transfer-Encoding", "Content-Length", "Content-Type", "Keep-Alive", "Date",
    };

    private readonly WebApplication app;
    private readonly Uri upstream;
    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private RecordingProxy(WebApplication app, Uri upstream) => (this.app, this.upstream) = (app, upstream);

    public Uri Url => new(app.Urls.First());

    public ConcurrentQueue<Passed> Seen { get; } = new();

    /// <summary>Asked before a request goes on; an answer of its own stands for the forge's.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>Asked after the forge answered; true loses the answer.</summary>
    public Func<HttpContext, bool>? Lose { get; set; }

    public static async Task<RecordingProxy> StartAsync(Uri upstream)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var proxy = new RecordingProxy(app, upstream);
        app.Run(proxy.PassAsync);
        await app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        using var read = new MemoryStream();
        await context.Request.Body.CopyToAsync(read);
        if (Instead is { } instead && await instead(context))
        {
            return;
        }
        var request = context.Request;
        var target = upstream.AbsoluteUri.TrimEnd('/') + Raw(context);
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), target);
        foreach (var header in request.Headers.Where(h => !NotPassed.Contains(h.Key)))
        {
            message.Headers.TryAddWithoutValidation(header.Key, (string?)header.Value);
        }
        if (read.Length > 0)
        {
            message.Content = new ByteArrayContent(read.ToArray());
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }
        using var reply = await http.SendAsync(message, context.RequestAborted);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        var violations = reply.Headers.TryGetValues("sl-violations", out var found)
            ? string.Join("", found) : "";
        Seen.Enqueue(new Passed(request.Method, request.Path.Value!, request.QueryString.Value!,
            System.Text.Encoding.UTF8.GetString(read.ToArray()),
            request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(),
                StringComparer.OrdinalIgnoreCase), (int)reply.StatusCode, violations));
        if (Lose?.Invoke(context) == true)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = (int)reply.StatusCode;
        context.Response.ContentType = reply.Content.Headers.ContentType?.ToString();
        foreach (var header in reply.Headers.Where(h => !NotPassed.Contains(h.Key)))
        {
            context.Response.Headers[header.Key] = header.Value.ToArray();
        }
        await context.Response.Body.WriteAsync(bytes);
    }

    // as it was written: %2F in a branch stays what it is
    private static string Raw(HttpContext context) => context.Features
        .Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
}
