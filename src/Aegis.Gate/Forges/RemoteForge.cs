using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate.Http;
using Aegis.Core.Profiles;
using Aegis.Sandbox.Egress;

namespace Aegis.Gate;

// A connection of its own for each call, to an address that was judged: no proxy, cookie or connection of
// another project ever serves it, and a redirect is followed only where the token may go, to the same origin.

/// <summary>GitHub's REST at the forge of a profile.</summary>
internal sealed class RemoteForge(ForgeProfile forge, string token, ForgeRules rules)
{
    public const string ApiVersion = "2022-11-28";
    public const int ReplyBytesMax = 16 << 20;
    public const int RedirectsMax = 3;

    /// <summary>How long a rate limit is waited for; a longer one is the step's own retry.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(60);

    public async ValueTask<ForgeReply> SendAsync(ForgeRequest request, CancellationToken cancel)
    {
        if (!rules.AllowsScheme(forge.BaseUrl))
        {
            throw ForgeErrors.NotAllowed(forge.BaseUrl);
        }
        for (var tries = 1; ; tries++)
        {
            var (reply, limited) = await AnswerAsync(request, cancel);
            if ((limited ?? ForgePatience.OutOfOrder(request.Method, reply.Status, tries)) is not { } wait)
            {
                return reply;
            }
            if (wait > WaitMax || (limited is not null && tries == ForgePatience.TriesMax))
            {
                throw ForgeErrors.RateLimited(forge.BaseUrl.Host, wait);
            }
            await Task.Delay(wait, rules.Time, cancel);
        }
    }

    private async ValueTask<(ForgeReply Reply, TimeSpan? Limited)> AnswerAsync(ForgeRequest request,
        CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AnswerTimeMax);
        var url = new Uri(forge.BaseUrl, request.Path.TrimStart('/'));
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var http = new HttpMessageInvoker(Handler(url));
                using var message = Message(request, url);
                using var response = await http.SendAsync(message, limit.Token);
                if (!RedirectStep.Is((int)response.StatusCode))
                {
                    return await ReadAsync(response, limit.Token);
                }
                url = redirects < RedirectsMax ? Next(request, url, response)
                    : throw ForgeErrors.Redirected(url);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw ForgeErrors.NoAnswer(url, $"no answer within {AnswerTimeMax.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw e.InnerException as AegisException ?? ForgeErrors.NoAnswer(url, e is HttpRequestException
            {
                HttpRequestError: var kind and not HttpRequestError.Unknown,
            } ? kind.ToString() : "the connection broke off");
        }
    }

    private SocketsHttpHandler Handler(Uri url) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectCallback = (context, cancel) => EgressDial.BySystem.ConnectAsync(
            address => rules.Permits(url, address), context.DnsEndPoint.Host, context.DnsEndPoint.Port,
            ForgeErrors.NotAllowed(url), cancel),
    };

    private HttpRequestMessage Message(ForgeRequest request, Uri url)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), url);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        message.Headers.UserAgent.ParseAdd("aegis-forge");
        message.Headers.Accept.ParseAdd("application/vnd.github+json");
        // what GitHub's own description calls the answers
        message.Headers.Accept.ParseAdd("application/json");
        message.Headers.Add("X-GitHub-Api-Version", ApiVersion);
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.GetRawText()));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        return message;
    }

    // a renamed repository answers 301 to reads and 307 to changes
    private static Uri Next(ForgeRequest request, Uri from, HttpResponseMessage response)
    {
        var keeps = request.Method == "GET" || (int)response.StatusCode is 307 or 308;
        var to = response.Headers.Location is { } location ? new Uri(from, location) : null;
        return keeps && to is not null && to.UserInfo.Length == 0
            && Uri.Compare(from, to, UriComponents.SchemeAndServer, UriFormat.UriEscaped,
                StringComparison.OrdinalIgnoreCase) == 0
            ? to : throw ForgeErrors.Redirected(from);
    }

    private async ValueTask<(ForgeReply Reply, TimeSpan? Limited)> ReadAsync(HttpResponseMessage response,
        CancellationToken cancel)
    {
        var status = (int)response.StatusCode;
        var bytes = await ReadBytesAsync(response, cancel);
        var links = response.Headers.TryGetValues("Link", out var values) ? values : [];
        return (new ForgeReply(status, Json(bytes, status), ForgeLink.Next(links, forge.BaseUrl)),
            ForgePatience.RateLimit(status, response.Headers, Encoding.UTF8.GetString(bytes),
                rules.Time.GetUtcNow()));
    }

    private JsonElement Json(byte[] bytes, int status)
    {
        try
        {
            return bytes.Length == 0 ? JsonElement.Parse("null") : JsonElement.Parse(bytes);
        }
        catch (JsonException)
        {
            // a proxy's page about its own trouble is no JSON; its status says enough
            return status >= 400 ? JsonElement.Parse("null")
                : throw ForgeErrors.NoAnswer(forge.BaseUrl, "its answer is no JSON");
        }
    }

    private static async ValueTask<byte[]> ReadBytesAsync(HttpResponseMessage response,
        CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[32 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancel)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > ReplyBytesMax)
            {
                throw ForgeErrors.TooLong(ReplyBytesMax);
            }
        }
        return bytes.ToArray();
    }
}
