using System.Net;
using System.Net.Http.Headers;

namespace Aegis.Gate.Federation.OAuth;

/// <summary>Sends requests of one MCP server with a token: the one that is known, or none; where the server
/// answers that it wants another, once more with a new one. A request to any other address goes as it is,
/// without.</summary>
internal sealed class OAuthHandler(HttpMessageHandler way, OutsideAuthorization authorization)
    : DelegatingHandler(way)
{
    private const string Bearer = "Bearer";

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!authorization.IsOf(request.RequestUri!))
        {
            return await base.SendAsync(request, cancellationToken);
        }
        if (request.Content is { } body)
        {
            // it may be sent twice
            await body.LoadIntoBufferAsync(cancellationToken);
        }
        var known = authorization.Known;
        request.Headers.Authorization = known is null ? null : new AuthenticationHeaderValue(Bearer, known);
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
        {
            return answer;
        }
        var challenge = OAuthChallenge.Of(answer);
        answer.Dispose();
        var token = await authorization.RenewAsync(known, challenge, base.SendAsync, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue(Bearer, token);
        return await base.SendAsync(request, cancellationToken);
    }
}
