using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Aegis.Discovery.Store;

/// <summary>
/// GET requests to the hub. It leads to other hosts for large files (a content network): that is followed to
/// https hosts only, and the token stays with the hub's own scheme, host and port: who is led to gets none.
/// </summary>
internal sealed class HubLine : IDisposable
{
    private readonly ModelHubOptions options;
    private readonly HttpClient http;

    public HubLine(ModelHubOptions options)
    {
        this.options = options;
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (options.Authorities is { Count: > 0 } authorities)
        {
            sockets.SslOptions.RemoteCertificateValidationCallback =
                (_, certificate, _, errors) => IsTrusted(certificate, errors, authorities);
        }
        http = new HttpClient(sockets) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Host => options.Address.IdnHost;

    public Uri Url(string path) => new($"{options.Address.ToString().TrimEnd('/')}{path}");

    /// <summary>The answer of the last host, its body unread.</summary>
    /// <param name="from">The first byte that is wanted.</param>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="Core.Errors.AegisException">AEGIS2492, AEGIS2495.</exception>
    public async Task<HubReply> GetAsync(Uri url, string? token, long from, CancellationToken cancel)
    {
        string? linked = null;
        for (var hop = 0; hop <= ModelHubOptions.RedirectsMax; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("aegis-forge", "1"));
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            if (token is not null && IsHub(url))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }
            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
            }
            var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            linked ??= IsHub(url) ? Linked(reply) : null;
            if ((int)reply.StatusCode is not (301 or 302 or 303 or 307 or 308)
                || reply.Headers.Location is not { } location)
            {
                return new(reply, linked);
            }
            reply.Dispose();
            url = Follow(url, location);
        }
        throw StoreErrors.BadAnswer($"it leads on more than {ModelHubOptions.RedirectsMax} times");
    }

    public void Dispose() => http.Dispose();

    private Uri Follow(Uri from, Uri location)
    {
        var target = new Uri(from, location);
        return target.Scheme == Uri.UriSchemeHttps || IsHub(target) ? target
            : throw StoreErrors.WrongPlace(target);
    }

    private bool IsHub(Uri url) => Uri.Compare(url, options.Address, UriComponents.SchemeAndServer,
        UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    // of a large file: the hub's word for the hash of what it leads to
    private static string? Linked(HttpResponseMessage reply) =>
        reply.Headers.TryGetValues("X-Linked-ETag", out var values)
            && values.First().Trim('"') is { Length: 64 } hash && hash.All(char.IsAsciiHexDigit)
            ? hash.ToLowerInvariant() : null;

    private static bool IsTrusted(
        X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors
            || certificate is not X509Certificate2 leaf)
        {
            return false;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }
}

/// <param name="LinkedSha256">What the hub says of the file that it leads to; null where it says
/// nothing.</param>
internal sealed record HubReply(HttpResponseMessage Message, string? LinkedSha256) : IDisposable
{
    public void Dispose() => Message.Dispose();
}
