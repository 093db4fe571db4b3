using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Gate.Federation.OAuth;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Mcp.Outside;

/// <summary>Tokens of outside MCP servers by OAuth's client credentials, against a server that wants one and
/// the authorization server that gives it. A stranger on loopback counts what must not reach him.</summary>
public sealed class OutsideTokenTests : IAsyncLifetime
{
    private readonly RealServer real = new();
    private readonly GuardedServer guarded = new();

    public async Task InitializeAsync()
    {
        real.Options = o => o with { McpPrivateHosts = [.. guarded.Hosts] };
        await real.InitializeAsync();
        await PutAsync("/v1/secrets/id", new JsonObject { ["value"] = GuardedServer.ClientId });
        await PutAsync("/v1/secrets/secret", new JsonObject { ["value"] = GuardedServer.ClientSecret });
        await ProfileAsync();
        Assert.Equal(("", true), await RefreshAsync());
        var (_, pins, _) = await real.SendAsync("GET", "/v1/mcp/tools");
        var hash = pins.GetProperty("items")[0].GetProperty("hash").GetString();
        Assert.Equal(HttpStatusCode.OK, (await real.SendAsync(
            "POST", "/v1/mcp/tools/mcp.guarded.say:approve", $$"""{"hash":"{{hash}}"}""")).Status);
    }

    public async Task DisposeAsync()
    {
        await real.DisposeAsync();
        await guarded.DisposeAsync();
    }

    [Fact]
    public async Task Token_IsGotOnce_ForThisServer_AndShownNowhere()
    {
        var said = await CallAsync();
        Assert.Equal("got Bearer ***", said);
        Assert.Equal(said, await CallAsync());
        var (authorization, form) = Assert.Single(guarded.Grants);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(
            $"{GuardedServer.ClientId}:{Uri.EscapeDataString(GuardedServer.ClientSecret)}")), authorization);
        Assert.Equal($"grant_type=client_credentials&resource={guarded.Url}&scope=notes:write", form);
        // the first request goes without, and is refused; every later one has the token
        Assert.Null(guarded.Tokens.First());
        Assert.Equal("Bearer token-1-8b1d77e0c3", Assert.Single(guarded.Tokens.Skip(1).Distinct()));
    }

    [Fact]
    public async Task Token_ThatTheServerTakesNoMore_IsGotAnew_Once()
    {
        guarded.Revoke();
        Assert.Equal("got Bearer ***", await CallAsync());
        Assert.Equal(2, guarded.Grants.Count);
        // a server that takes none is not asked for ever
        guarded.Odd = at => at == "server /mcp" ? (401, "{}") : null;
        var before = guarded.Grants.Count;
        Assert.Equal("AEGIS6222", (await RefreshAsync()).Code);
        Assert.InRange(guarded.Grants.Count - before, 1, 3);
    }

    [Fact]
    public async Task Token_AtItsEnd_IsGotAnew()
    {
        guarded.Life = (int)OutsideTokens.Slack.TotalSeconds;
        guarded.Revoke();
        await CallAsync();
        var before = guarded.Grants.Count;
        await CallAsync();
        Assert.Equal(before + 1, guarded.Grants.Count);
        guarded.Life = 3600;
        await CallAsync();
        await CallAsync();
        Assert.Equal(before + 2, guarded.Grants.Count);
    }

    [Fact]
    public async Task Secret_MayGoInTheBody_WhereTheIssuerWantsThat_AndTheScopeIsTheProfiles()
    {
        await ProfileAsync("scope: notes:read all");
        guarded.Odd = at => at.EndsWith("oauth-authorization-server/acme", StringComparison.Ordinal)
            ? (200, guarded.Metadata(way: "client_secret_post")) : null;
        Assert.Equal(("", true), await RefreshAsync());
        var (authorization, form) = guarded.Grants.Last();
        Assert.Null(authorization);
        Assert.Equal($"grant_type=client_credentials&resource={guarded.Url}&scope=notes:read all"
            + $"&client_id={GuardedServer.ClientId}&client_secret={GuardedServer.ClientSecret}", form);
    }

    [Theory]
    [InlineData("another resource", "AEGIS6229")]
    [InlineData("another issuer", "AEGIS6229")]
    [InlineData("an issuer that is another", "AEGIS6229")]
    [InlineData("described elsewhere", "AEGIS6229")]
    [InlineData("a redirect to a description", "AEGIS6228")]
    [InlineData("no description", "AEGIS6228")]
    [InlineData("no grant for machines", "AEGIS6228")]
    [InlineData("a redirect of the grant", "AEGIS6230")]
    [InlineData("a refused client", "AEGIS6230")]
    [InlineData("a token for nobody's header", "AEGIS6230")]
    [InlineData("a redirect of the call", "AEGIS6222")]
    public async Task Server_ThatLeadsElsewhere_IsNotFollowed(string lead, string code)
    {
        guarded.Revoke();
        var (asked, granted) = (guarded.Asked.Count, guarded.Grants.Count);
        guarded.Odd = at => Odd(lead, at);
        var challenge = guarded.Challenge;
        guarded.Challenge = lead == "described elsewhere"
            ? $"Bearer resource_metadata=\"{guarded.Stranger}\"" : challenge;
        Assert.Equal((code, false), await RefreshAsync());
        // the stranger heard of nothing, and nobody who was not the profile's issuer saw the secret
        var since = guarded.Asked.Skip(asked).ToList();
        Assert.NotEmpty(since);
        Assert.DoesNotContain(since, a => a.StartsWith("stranger", StringComparison.Ordinal));
        Assert.Equal(granted, guarded.Grants.Count);
        // the control: the same, led nowhere
        (guarded.Odd, guarded.Challenge) = (_ => null, challenge);
        Assert.Equal(("", true), await RefreshAsync());
    }

    [Fact]
    public async Task Secret_ThatIsBoundToOtherHosts_StaysHere()
    {
        var bound = await real.SendAsync(
            "POST", "/v1/secrets/secret:bind", """{"hosts":["login.example"]}""");
        Assert.True(bound.Status == HttpStatusCode.OK, bound.Body.ToString());
        guarded.Revoke();
        var before = guarded.Grants.Count;
        Assert.False((await RefreshAsync()).Ok);
        Assert.Equal(before, guarded.Grants.Count);
    }

    private (int, string)? Odd(string lead, string at)
    {
        var resource = at == "server /.well-known/oauth-protected-resource/mcp";
        var issuer = at == "issuer /.well-known/oauth-authorization-server/acme";
        return (lead, at) switch
        {
            ("another resource", _) when resource => (200, guarded.Described(guarded.Stranger)),
            ("another issuer", _) when resource => (200, guarded.Described(by: guarded.Stranger)),
            ("an issuer that is another", _) when issuer => (200, guarded.Metadata(guarded.Stranger)),
            ("a redirect to a description", _) when resource => (302, guarded.Stranger),
            ("no description", _) when resource => (200, "[]"),
            ("no grant for machines", _) when issuer => (200, guarded.Metadata(way: "private_key_jwt")),
            ("a redirect of the grant", "issuer /acme/token") => (307, guarded.Stranger),
            ("a refused client", "issuer /acme/token") => (401, """{"error":"invalid_client"}"""),
            ("a token for nobody's header", "issuer /acme/token") =>
                (200, "{\"access_token\":\"a\\r\\nb\",\"token_type\":\"Bearer\"}"),
            ("a redirect of the call", "server /mcp") => (307, guarded.Stranger),
            _ => null,
        };
    }

    private Task ProfileAsync(string more = "")
    {
        var yaml = $$"""
            profile_id: guarded
            mcp:
              servers:
                guarded:
                  url: "{{guarded.Url}}"
                  oauth:
                    issuer: {{guarded.Issuer}}
                    client_id_secret: id
                    client_secret: secret
                    {{more}}
            """;
        return PutAsync("/v1/profile", new JsonObject { ["yaml"] = yaml, ["files"] = new JsonObject() });
    }

    private async Task PutAsync(string path, JsonObject body)
    {
        var (status, answer, _) = await real.SendAsync("PUT", path, body.ToJsonString());
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
    }

    private async Task<(string Code, bool Ok)> RefreshAsync()
    {
        var (_, body, _) = await real.SendAsync("POST", "/v1/tools/mcp.refresh:invoke",
            """{"input":{"server":"guarded"},"wait":"60s"}""");
        Assert.DoesNotContain(GuardedServer.ClientSecret, body.GetRawText(), StringComparison.Ordinal);
        return (body.TryGetProperty("error", out var e) ? e.GetProperty("code").GetString()! : "",
            body.GetProperty("ok").GetBoolean());
    }

    private async Task<string> CallAsync()
    {
        var (_, body, _) = await real.SendAsync("POST", "/v1/tools/mcp.guarded.say:invoke",
            """{"input":{},"wait":"60s"}""");
        return body.GetProperty("output").GetString() ?? body.GetRawText();
    }
}
