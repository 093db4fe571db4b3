using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Aegis.Core.Routing.Failures;
using Aegis.Models.Protocols;

namespace Aegis.Models.Upstreams;

/// <summary>Sends calls to providers over one pool of connections. It follows no redirect, which would carry
/// a conversation and a key to an address that nobody named, and keeps no cookies. Each call is sent once:
/// what to do about a failure is for the router.</summary>
public sealed class UpstreamClient : IUpstream, IDisposable
{
    private const int FailureBytesMax = 64 * 1024;
    private const string AnthropicVersion = "2023-06-01";
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;
    private readonly HttpMessageInvoker _local;

    public UpstreamClient(UpstreamOptions? options = null, TimeProvider? time = null)
    {
        _options = options ?? new();
        _time = time ?? TimeProvider.System;
        _http = new HttpMessageInvoker(Handler(_options, isLocalOnly: false));
        var local = Handler(_options, isLocalOnly: true);
        local.UseProxy = false;
        _local = new HttpMessageInvoker(local);
    }

    public string Origin => "live";

    public async ValueTask<UpstreamAnswer> SendAsync(UpstreamTarget target, UpstreamPath path,
        ReadOnlyMemory<byte> body, CancellationToken cancel, string contentType = "application/json")
    {
        using var request = Request(target, path, body, contentType);
        using var late = new CancellationTokenSource(_options.HeaderTimeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await (target.MustBeLocal ? _local : _http).SendAsync(request, limit.Token);
            var stream = await response.Content.ReadAsStreamAsync(limit.Token);
            if (response.IsSuccessStatusCode)
            {
                return new(response, VeiledStream.Over(stream, target.Auth.Secret), _options);
            }
            var failure = await FailureAsync(target, response, stream, limit.Token);
            response.Dispose();
            return new(failure, _options);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            response?.Dispose();
            return new(limit.IsCancellationRequested
                ? new(UpstreamFailureKind.TimedOut, "it gave no answer in time")
                : new(UpstreamFailureKind.Unreachable, "no connection was made in time"), _options);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            response?.Dispose();
            return new(Broken(e), _options);
        }
        catch
        {
            response?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _local.Dispose();
    }

    private static SocketsHttpHandler Handler(UpstreamOptions options, bool isLocalOnly) => new()
    {
        ConnectCallback = new UpstreamDial(options.LocalHosts, isLocalOnly).ConnectAsync,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = options.ConnectTimeout,
        MaxConnectionsPerServer = options.ConnectionsMax,
        PooledConnectionLifetime = options.ConnectionLifetime,
        EnableMultipleHttp2Connections = true,
    };

    private static HttpRequestMessage Request(UpstreamTarget target, UpstreamPath path,
        ReadOnlyMemory<byte> body, string contentType)
    {
        var request = new HttpRequestMessage(path == UpstreamPath.Models ? HttpMethod.Get : HttpMethod.Post,
            target.Address(path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (request.Method == HttpMethod.Post)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        switch (target.Auth)
        {
            case { Kind: UpstreamAuthKind.Bearer, Secret: { } secret }
                when path == UpstreamPath.CachedContents:
                // Google takes a key as a bearer token in OpenAI's protocol only
                request.Headers.TryAddWithoutValidation("x-goog-api-key", secret);
                break;
            case { Kind: UpstreamAuthKind.Bearer, Secret: { } secret }:
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + secret);
                break;
            case { Kind: UpstreamAuthKind.Header, Name: { } name, Secret: { } secret }:
                request.Headers.TryAddWithoutValidation(name, secret);
                break;
        }
        foreach (var (name, value) in target.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        if (target.Protocol == WireProtocol.Anthropic && !request.Headers.Contains("anthropic-version"))
        {
            request.Headers.TryAddWithoutValidation("anthropic-version", AnthropicVersion);
        }
        return request;
    }

    private async ValueTask<UpstreamFailure> FailureAsync(UpstreamTarget target, HttpResponseMessage response,
        Stream body, CancellationToken cancel)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            return new(UpstreamFailureKind.Malformed,
                FormattableString.Invariant($"a redirect, HTTP {status}"), status);
        }
        var buffer = new byte[FailureBytesMax];
        var read = 0;
        try
        {
            read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // the status says enough
        }
        var said = FailureBodies.Read(status, buffer.AsSpan(0, read), target.Auth.Secret);
        return new(UpstreamFailure.KindOf(said, status), FormattableString.Invariant($"HTTP {status}"),
            status, WaitOf(response.Headers), said);
    }

    private TimeSpan? WaitOf(HttpResponseHeaders headers) =>
        RetryAfter.Read(One(headers, "retry-after"), One(headers, "retry-after-ms"), _time.GetUtcNow())
            is { } asked ? asked < _options.RetryAfterMost ? asked : _options.RetryAfterMost : null;

    private static string? One(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : null;

    // the framework's words may hold the address, and that a key
    private static UpstreamFailure Broken(Exception e)
    {
        var error = e switch
        {
            HttpRequestException http => http.HttpRequestError,
            HttpIOException io => io.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        var socket = e.InnerException as SocketException
            ?? e.InnerException?.InnerException as SocketException;
        return error switch
        {
            _ when (e as ForbiddenAddressException
                ?? e.InnerException as ForbiddenAddressException) is { } no => new(
                no.IsBarred ? UpstreamFailureKind.Barred : UpstreamFailureKind.NotLocal, no.Host),
            HttpRequestError.ResponseEnded => new(UpstreamFailureKind.Cut, "it hung up before it answered"),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                or HttpRequestError.ConfigurationLimitExceeded =>
                new(UpstreamFailureKind.Malformed, "what it sent is not HTTP"),
            _ when socket is { SocketErrorCode: SocketError.ConnectionReset } =>
                new(UpstreamFailureKind.Cut, "it hung up before it answered"),
            _ => new(UpstreamFailureKind.Unreachable, socket?.SocketErrorCode.ToString() ?? error.ToString()),
        };
    }
}
