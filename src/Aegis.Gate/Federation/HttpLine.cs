using Aegis.Blobs;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Gate.Federation.OAuth;
using Aegis.Gate.Http;
using Aegis.Sandbox.Egress;
using ModelContextProtocol.Client;

namespace Aegis.Gate.Federation;

/// <summary>Streamable HTTP to the address that the profile names: to an address that was judged, without
/// redirects, proxies or cookies, and no longer than one conversation.</summary>
internal sealed class HttpLine : OutsideLine
{
    /// <summary>The first version whose requests stand alone.</summary>
    private const string StandsAlone = "2026-07-28";

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
        if (!hosts.AllowScheme(url))
        {
            throw new AegisException(FederationErrors.Private(server.Name, url));
        }
        var token = server.TokenSecret is { } secret
            ? await execution.SecretAsync(secret, url, cancel)
                ?? throw new AegisException(FederationErrors.NoSecret(server.Name, secret))
            : null;
        HttpMessageHandler way = Way(server, hosts);
        if (server.OAuth is { } oauth)
        {
            way = new OAuthHandler(
                way, await OutsideAuthorization.OpenAsync(execution, server, oauth, cancel));
        }
        var http = new HttpClient(way)
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

    public override bool IsCancelledByClosing(string? version) =>
        string.CompareOrdinal(version, StandsAlone) >= 0;

    public override async ValueTask DisposeAsync()
    {
        await ((HttpClientTransport)Transport).DisposeAsync();
        http.Dispose();
    }

    private static SocketsHttpHandler Way(McpServerProfile server, PrivateHosts hosts) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = HeadersKilobytesMax,
        ConnectCallback = async (context, stop) =>
        {
            var to = context.InitialRequestMessage.RequestUri!;
            return new BoundedStream(
                await EgressDial.BySystem.ConnectAsync(address => hosts.Permit(to, address),
                    context.DnsEndPoint.Host, context.DnsEndPoint.Port,
                    new AegisException(FederationErrors.Private(server.Name, to)), stop),
                OutsideSession.ReceivedBytesMax);
        },
    };
}
