using System.ClientModel;
using System.ClientModel.Primitives;
using Aegis.Blobs;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace Aegis.Models.Wire;

/// <summary>OpenAI's protocol at any base address, over one pooled connection handler.</summary>
internal sealed class OpenAiWire(ModelDoorOptions options) : IDisposable
{
    private readonly HttpClient _http = Http(new SocketsHttpHandler(), options);
    private readonly HttpClient _local = Http(new LocalDial(options.LocalHosts).Handler(), options);

    public IChatClient Client(ModelRoute route, string? key)
    {
        var wire = new OpenAIClientOptions
        {
            Endpoint = route.BaseUrl,
            Transport = new HttpClientPipelineTransport(route.MustBeLocal ? _local : _http),
            NetworkTimeout = options.Timeout,
            RetryPolicy = new RefusedOnlyRetry(options.RetriesMax),
        };
        wire.AddPolicy(new ProviderManners(route, key), PipelinePosition.BeforeTransport);
        // the kit insists on a key; the manners put the real one in its place, or none
        var client = new ChatClient(route.Model, new ApiKeyCredential("none"), wire);
        return new OpenAiChatClient(client, route, key, options.Timeout);
    }

    public void Dispose()
    {
        _http.Dispose();
        _local.Dispose();
    }

    private static HttpClient Http(SocketsHttpHandler sockets, ModelDoorOptions options)
    {
        // a redirect would carry the conversation, and perhaps the key, to an address that nobody named
        sockets.AllowAutoRedirect = false;
        sockets.UseCookies = false;
        sockets.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        sockets.ConnectTimeout = TimeSpan.FromSeconds(15);
        return new HttpClient(new BoundedReplyHandler(sockets, options.ReplyBytesMax))
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
    }
}

/// <summary>Sends again only what a server refused before working on it. After a timeout or a cut connection
/// the words may have been made, and paid for.</summary>
internal sealed class RefusedOnlyRetry(int max) : ClientRetryPolicy(max)
{
    // the base class counts the tries
    protected override bool ShouldRetry(PipelineMessage message, Exception? exception) =>
        exception is null && message.Response?.Status is 429 or 503
            && base.ShouldRetry(message, exception);

    protected override ValueTask<bool> ShouldRetryAsync(PipelineMessage message, Exception? exception) =>
        ValueTask.FromResult(ShouldRetry(message, exception));
}

/// <summary>Reads an answer whole, up to a limit, so that no provider can fill the memory; one that comes in
/// pieces is read as it comes, and no further.</summary>
internal sealed class BoundedReplyHandler(HttpMessageHandler inner, int bytesMax) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request,
        CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                var pieces = new StreamContent(new BoundedStream(
                    await response.Content.ReadAsStreamAsync(cancellationToken), bytesMax));
                pieces.Headers.ContentType = response.Content.Headers.ContentType;
                response.Content = pieces;
                return response;
            }
            await response.Content.LoadIntoBufferAsync(bytesMax, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
