using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Gate.Federation.OAuth;

internal sealed record OAuthGrant(string Token, TimeSpan Life);

/// <summary>What an authorization server says of itself (RFC 8414), as far as a machine needs it.</summary>
/// <param name="InBody">Whether it takes the client's secret in the body alone, and not in a header.</param>
internal sealed record IssuerMetadata(string Issuer, Uri TokenEndpoint, bool InBody)
{
    public const int TokenCharsMax = 16 * 1024;

    private const string ClientCredentials = "client_credentials";
    private const int SaidCharsMax = 300;

    /// <summary>Where an answer does not say how long its token lives.</summary>
    private static readonly TimeSpan LifeDefault = TimeSpan.FromMinutes(5);

    /// <summary>Null where a machine cannot get a token there.</summary>
    public static IssuerMetadata? Of(JsonElement said)
    {
        var (grants, ways) = (Texts(said, "grant_types_supported"),
            Texts(said, "token_endpoint_auth_methods_supported") ?? ["client_secret_basic"]);
        var basic = ways.Contains("client_secret_basic");
        return Text(said, "issuer") is { } issuer
            && Uri.TryCreate(Text(said, "token_endpoint"), UriKind.Absolute, out var endpoint)
            && endpoint.UserInfo.Length + endpoint.Fragment.Length == 0
            && grants?.Contains(ClientCredentials) is not false
            && (basic || ways.Contains("client_secret_post"))
            ? new IssuerMetadata(issuer, endpoint, !basic)
            : null;
    }

    /// <exception cref="AegisException">AEGIS6230.</exception>
    public async Task<OAuthGrant> GrantAsync(string server, string id, string secret, string resource,
        string? scope, OAuthSend send, CancellationToken cancel)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = ClientCredentials,
            ["resource"] = resource,
        };
        if (scope is not null)
        {
            form["scope"] = scope;
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, TokenEndpoint);
        request.Headers.Accept.ParseAdd("application/json");
        if (InBody)
        {
            (form["client_id"], form["client_secret"]) = (id, secret);
        }
        else
        {
            // RFC 6749, 2.3.1: each is escaped before they are put together
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(
                Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}")));
        }
        request.Content = new FormUrlEncodedContent(form);
        using var answer = await send(request, cancel);
        var said = await OAuthDiscovery.JsonAsync(answer, cancel);
        return answer.IsSuccessStatusCode && said is { } json && Grant(json) is { } grant ? grant
            : throw new AegisException(
                FederationErrors.NoGrant(server, Refusal((int)answer.StatusCode, said)));
    }

    private static OAuthGrant? Grant(JsonElement said)
    {
        // a token that is no visible ASCII would break out of the header that it stands in
        if (Text(said, "access_token") is not { Length: > 0 and <= TokenCharsMax } token
            || token.Any(c => c is < '!' or > '~')
            || !"Bearer".Equals(Text(said, "token_type"), StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        var life = said.TryGetProperty("expires_in", out var seconds)
            && seconds.ValueKind == JsonValueKind.Number && seconds.TryGetDouble(out var count)
            ? TimeSpan.FromSeconds(Math.Clamp(count, 0, OutsideTokens.LifeMax.TotalSeconds))
            : LifeDefault;
        return new OAuthGrant(token, life);
    }

    private static string Refusal(int status, JsonElement? said)
    {
        var words = said is { } json && Text(json, "error") is { } error
            ? $"{status}: {error} {Text(json, "error_description")}".TrimEnd() : $"{status}";
        return words.Length > SaidCharsMax ? words[..SaidCharsMax] : words;
    }

    private static string? Text(JsonElement said, string member) =>
        said.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    private static List<string>? Texts(JsonElement said, string member) =>
        said.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String)
                .Select(v => v.GetString()!)]
            : null;
}
