using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate.Redaction;
using Aegis.Sandbox.Egress;

namespace Aegis.Gate.Http;

// A handler of its own for each hop: no connection, cookie or proxy of one run ever serves another, and the
// rule that was decided on is the one that the connection is judged by.
// 1. decide on the hop's host; 2. connect to an address that was judged; 3. read head and body within limits;
// 4. a redirect begins at 1 again.

/// <summary>HTTP from the host, as far as a run's egress_allow goes, and its profile's.</summary>
internal sealed class EgressHttp(ImmutableArray<string> allow, ImmutableArray<string>? ceiling,
    Redactor redactor, EgressDial dial)
{
    public const int RequestBodyBytesMax = 1 << 20;
    public const int ResponseBodyBytesMax = 4 << 20;
    public const int RedirectsMax = 5;
    private const int ResponseHeadersKilobytesMax = 64;

    public async ValueTask<HttpReply> SendAsync(HttpCall call, CancellationToken cancel)
    {
        if ((RequestHeaders.Check(call.Headers) ?? CheckBody(call.Body)) is { } error)
        {
            throw new AegisException(error);
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(call.Timeout);
        try
        {
            return await FollowAsync(call, limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new AegisException(new AegisError("AEGIS2166", $"{call.Url.Host} did not answer in time",
                string.Create(CultureInfo.InvariantCulture,
                    $"an answer within {call.Timeout.TotalMilliseconds:0} ms"),
                Mend: "give the call a longer timeout"));
        }
    }

    private async ValueTask<HttpReply> FollowAsync(HttpCall call, CancellationToken cancel)
    {
        for (var redirects = 0; ; redirects++)
        {
            var (reply, next) = await HopAsync(call, redirects, cancel);
            if (reply is not null)
            {
                return reply;
            }
            if (redirects == RedirectsMax)
            {
                throw new AegisException(new AegisError("AEGIS2167", "there are too many redirects",
                    $"at most {RedirectsMax}", Mend: "name the place itself in url"));
            }
            call = next!;
        }
    }

    private async ValueTask<(HttpReply? Reply, HttpCall? Next)> HopAsync(HttpCall call, int redirects,
        CancellationToken cancel)
    {
        var decision = EgressPolicy.Decide(allow, EgressTarget.Of(call.Url, call.Method), ceiling);
        var rule = decision.Rule ?? throw new AegisException(decision.Error!);
        using var http = new HttpMessageInvoker(Handler(rule));
        using var request = Message(call);
        try
        {
            using var response = await http.SendAsync(request, cancel);
            var status = (int)response.StatusCode;
            if (RedirectStep.Is(status))
            {
                var (next, error) = RedirectStep.From(call, status, response.Headers.Location);
                return error is null ? (null, next) : throw new AegisException(error);
            }
            return (new HttpReply(status, call.Url, redirects, Headers(response),
                await BodyAsync(response, cancel)), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw e.InnerException as AegisException ?? new AegisException(NoAnswer(call.Url, e));
        }
    }

    private SocketsHttpHandler Handler(EgressRule rule) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = ResponseHeadersKilobytesMax,
        ConnectCallback = (context, cancel) =>
            dial.ConnectAsync(rule, context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel),
    };

    private static HttpRequestMessage Message(HttpCall call)
    {
        var message = new HttpRequestMessage(new HttpMethod(call.Method), call.Url);
        if (call.Body.Length > 0 || call.Method is "POST" or "PUT" or "PATCH")
        {
            message.Content = new ReadOnlyMemoryContent(call.Body);
        }
        foreach (var (name, value) in call.Headers)
        {
            // the framework keeps headers about a body apart; without a body they say nothing
            _ = message.Headers.TryAddWithoutValidation(name, value)
                || message.Content?.Headers.TryAddWithoutValidation(name, value) == true;
        }
        if (!message.Headers.Contains("User-Agent"))
        {
            message.Headers.TryAddWithoutValidation("User-Agent", "aegis-forge");
        }
        return message;
    }

    private ImmutableArray<HttpField> Headers(HttpResponseMessage response) =>
    [
        .. response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).SelectMany(header =>
            header.Value.Select(value => new HttpField(header.Key, redactor.Redact(value)))),
    ];

    private async ValueTask<ReadOnlyMemory<byte>> BodyAsync(HttpResponseMessage response,
        CancellationToken cancel)
    {
        var body = new TailCapture(redactor, ResponseBodyBytesMax);
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancel)) > 0)
        {
            body.Add(buffer.AsSpan(0, read));
            if (body.Total > ResponseBodyBytesMax)
            {
                throw new AegisException(new AegisError("AEGIS2168", "the answer is too long",
                    $"at most {ResponseBodyBytesMax} bytes", Mend: "ask for a part of it"));
            }
        }
        return body.Finish();
    }

    private static AegisError? CheckBody(ReadOnlyMemory<byte> body) => body.Length <= RequestBodyBytesMax
        ? null : new AegisError("AEGIS2164", "the body of the request is too long",
            $"at most {RequestBodyBytesMax} bytes", $"{body.Length} bytes", "send it in parts");

    private static AegisError NoAnswer(Uri url, Exception e) => new("AEGIS2165",
        $"{url.Host} gave no answer that could be read: {Reason(e)}", "an answer of HTTP",
        Mend: "check the host and its port; try again later");

    private static string Reason(Exception e) => e switch
    {
        HttpRequestException { HttpRequestError: var kind and not HttpRequestError.Unknown } => kind switch
        {
            HttpRequestError.NameResolutionError => "its name is not known",
            HttpRequestError.ConnectionError when e.InnerException is SocketException
            { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }
                => "its name is not known",
            HttpRequestError.ConnectionError => "there is no connection",
            HttpRequestError.SecureConnectionError => "TLS failed (certificate, name or protocol)",
            HttpRequestError.ConfigurationLimitExceeded => "its headers are too long",
            _ => kind.ToString(),
        },
        _ => "the connection broke off",
    };
}
