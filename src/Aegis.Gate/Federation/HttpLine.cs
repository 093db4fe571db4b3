using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Gate.Http;
using Aegis.Sandbox.Egress;
using ModelContextProtocol.Client;

namespace Aegis.Gate.Federation;

/// <summary>Streamable HTTP to the address that the profile names: to an address that was judged, without
/// redirects, proxies or cookies, and no longer than one conversation.</summary>
internal sealed class HttpLine : OutsideLine
{
    private const int HeadersKilobytesMax = 64;
    private readonly HttpClient http;

    private HttpLine(HttpClient http, HttpClientTransport transport) =>
        (this.http, Transport) = (http, transport);

    public override IClientTransport Transport { get; }

    public static async Task<HttpLine> OpenAsync(
        GateExecution execution, McpServerProfile server, CancellationToken cancel)
    {
        var url = server.Url!;
        var hosts = execution.Federation.Hosts;
        var refusal = new AegisException(FederationErrors.Private(server.Name, url));
        if (!hosts.AllowScheme(url))
        {
            throw refusal;
        }
        var token = server.TokenSecret is { } secret
            ? await execution.SecretAsync(secret, url, cancel)
                ?? throw new AegisException(FederationErrors.NoSecret(server.Name, secret))
            : null;
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeadersKilobytesMax,
            ConnectCallback = async (context, stop) => new BoundedStream(
                await EgressDial.BySystem.ConnectAsync(address => hosts.Permit(url, address),
                    context.DnsEndPoint.Host, context.DnsEndPoint.Port, refusal, stop),
                OutsideSession.ReceivedBytesMax),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = url,
            Name = server.Name,
            TransportMode = HttpTransportMode.StreamableHttp,
            EnableStandaloneGetStream = false,
            MaxReconnectionAttempts = 0,
            AdditionalHeaders = token is null ? null
                : new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" },
        }, http, ownsHttpClient: false);
        return new HttpLine(http, transport);
    }

    public override async ValueTask DisposeAsync()
    {
        await ((HttpClientTransport)Transport).DisposeAsync();
        http.Dispose();
    }
}
