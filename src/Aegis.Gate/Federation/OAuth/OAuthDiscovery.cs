using System.Net;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Gate.Http;
using ModelContextProtocol;
using ModelContextProtocol.Authentication;

namespace Aegis.Gate.Federation.OAuth;

/// <summary>Sends a request on the server's own line: judged addresses, no redirects.</summary>
internal delegate Task<HttpResponseMessage> OAuthSend(HttpRequestMessage request, CancellationToken cancel);

/// <summary>Reads what an MCP server and its issuer say of themselves, and believes it only where it is
/// about them.</summary>
internal sealed class OAuthDiscovery(
    McpServerProfile server, McpOAuthProfile oauth, PrivateHosts hosts, OAuthSend send)
{
    /// <summary>Bytes of a document, or of a token's answer.</summary>
    public const int DocumentBytesMax = 64 * 1024;

    private const int GotCharsMax = 300;
    private const string WellKnown = "/.well-known/";
    private static readonly JsonDocumentOptions EachOnce = new() { AllowDuplicateProperties = false };

    public static bool IsSameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.UriEscaped,
            StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>What the server calls itself: what a token for it must be for.</summary>
    public async Task<string> ResourceAsync(OAuthChallenge challenge, CancellationToken cancel)
    {
        var url = server.Url!;
        if (challenge.Metadata is { } named
            && !(Uri.TryCreate(named, UriKind.Absolute, out var place) && IsSameOrigin(url, place)))
        {
            throw new AegisException(FederationErrors.OtherIssuer(server.Name,
                "it is described at another address", url.GetLeftPart(UriPartial.Authority), Cut(named)));
        }
        const string name = "oauth-protected-resource";
        Uri[] places = challenge.Metadata is { } at ? [new Uri(at)]
            : [.. new[] { url.AbsolutePath, "/" }.Select(path => Inserted(url, name, path)).Distinct()];
        var json = await FirstAsync(places, cancel);
        var said = Read(json) ?? throw Unusable("it does not describe itself", Cut(json.GetRawText()));
        if (said.Resource is not { } resource || !Uri.TryCreate(resource, UriKind.Absolute, out var of)
            || !Covers(of, url))
        {
            throw new AegisException(FederationErrors.OtherIssuer(
                server.Name, "it describes another server", $"{url}", Cut(said.Resource ?? "none")));
        }
        return said.AuthorizationServers.Any(IsIssuer) ? resource
            : throw new AegisException(FederationErrors.OtherIssuer(server.Name,
                "it does not name the issuer of the profile", $"{oauth.Issuer}",
                Cut(string.Join(", ", said.AuthorizationServers))));
    }

    public async Task<IssuerMetadata> IssuerAsync(CancellationToken cancel)
    {
        const string oidc = "openid-configuration";
        var (issuer, path) = (oauth.Issuer, oauth.Issuer.AbsolutePath.TrimEnd('/'));
        var json = await FirstAsync(
        [
            Inserted(issuer, "oauth-authorization-server", path), Inserted(issuer, oidc, path),
            .. path.Length > 0 ? (Uri[])[new Uri(issuer, $"{path}{WellKnown}{oidc}")] : [],
        ], cancel);
        var said = IssuerMetadata.Of(json) ?? throw Unusable("its issuer gives no tokens to machines",
            Cut(json.GetRawText()));
        if (!IsIssuer(said.Issuer))
        {
            throw new AegisException(FederationErrors.OtherIssuer(server.Name,
                "its issuer describes another one", $"{oauth.Issuer}", Cut(said.Issuer)));
        }
        Require(said.TokenEndpoint);
        return said;
    }

    public static async Task<JsonElement?> JsonAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            await answer.Content.LoadIntoBufferAsync(DocumentBytesMax, cancel);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel), EachOnce);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The first place that has a document; redirects are not followed.</summary>
    private async Task<JsonElement> FirstAsync(Uri[] places, CancellationToken cancel)
    {
        var last = "";
        foreach (var place in places)
        {
            Require(place);
            using var request = new HttpRequestMessage(HttpMethod.Get, place);
            request.Headers.Accept.ParseAdd("application/json");
            using var answer = await send(request, cancel);
            if (answer.StatusCode == HttpStatusCode.OK && await JsonAsync(answer, cancel) is { } json)
            {
                return json;
            }
            last = $"{place}: {(int)answer.StatusCode}";
        }
        throw Unusable("there is no description", last);
    }

    private void Require(Uri place)
    {
        if (!hosts.AllowScheme(place))
        {
            throw new AegisException(FederationErrors.Private(server.Name, place));
        }
    }

    private bool IsIssuer(string named) =>
        named.TrimEnd('/') == oauth.Issuer.OriginalString.TrimEnd('/');

    private static ProtectedResourceMetadata? Read(JsonElement json)
    {
        try
        {
            return json.Deserialize<ProtectedResourceMetadata>(McpJsonUtilities.DefaultOptions);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>RFC 9728 and RFC 8414: the well-known part stands between host and path.</summary>
    private static Uri Inserted(Uri of, string name, string path) =>
        new(of, $"{WellKnown}{name}{path.TrimEnd('/')}");

    private static bool Covers(Uri resource, Uri url) => IsSameOrigin(resource, url)
        && $"{url.AbsolutePath.TrimEnd('/')}/".StartsWith(
            $"{resource.AbsolutePath.TrimEnd('/')}/", StringComparison.Ordinal);

    private AegisException Unusable(string what, string got) =>
        new(FederationErrors.NoAuthorization(server.Name, what, got));

    private static string Cut(string text) => text.Length > GotCharsMax ? text[..GotCharsMax] : text;
}
