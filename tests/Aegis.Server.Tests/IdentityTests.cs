using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Aegis.Core;
using Aegis.Server.Auth;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class IdentityTests(ServerFixture server)
{
    [Theory]
    [InlineData(null)]
    [InlineData("Bearer ")]
    [InlineData("Bearer aegis_key_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer aegisint_x.y")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Negotiate abc")]
    public async Task Door_BadCredentials_AlwaysTheSame401(string? header)
    {
        using var request = server.Request("GET", "/v1/runs", null);
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", header);
        }
        var (status, body) = await server.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("AEGIS6010", body.GetProperty("code").GetString());
        Assert.Equal("this door needs an identity", body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Door_TwoAuthorizationHeaders_401()
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Server.Url.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/version HTTP/1.0\r\nAuthorization: Bearer "
            + $"{server.AcmeKey}\r\nAuthorization: Bearer {server.RivalKey}\r\n\r\n"));
        using var reader = new StreamReader(stream);
        Assert.Contains("401", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Door_KeyAsBasicPassword_LetsIn()
    {
        using var request = server.Request("GET", "/v1/version", null);
        var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"git:{server.AcmeKey}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", pair);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Door_ScopeMissing_NamesTheScope()
    {
        var key = await server.KeyAsync("acme", "web", "plans:*");
        var (status, body) = await server.SendAsync("GET", "/v1/runs", key);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("AEGIS6011", body.GetProperty("code").GetString());
        Assert.Equal("runs:read", body.GetProperty("expected").GetString());
        Assert.Equal(HttpStatusCode.OK,
            (await server.SendAsync(
            "GET", "/v1/runs", await server.KeyAsync("acme", "web", "runs:*"))).Status);
    }

    [Theory]
    [InlineData("GET", "/v1/runs?tenant_id=rival", null)]
    [InlineData("GET", "/v1/runs?project_id=other", null)]
    [InlineData("GET", "/v1/runs?project_id=web&project_id=other", null)]
    [InlineData("POST", "/v1/plans:create", """{"workflow":"x","tenant_id":"rival","project_id":"web"}""")]
    [InlineData("POST", "/v1/plans:create", """{"workflow":"x","tenant_id":"acme","project_id":"other"}""")]
    [InlineData("POST", "/v1/plans:create", """{"workflow":"x","tenant_id":"nobody"}""")]
    public async Task Request_NamesAnotherTenancy_OneFixedError(string method, string path, string? body)
    {
        var (status, problem) = await server.SendAsync(method, path, server.AcmeKey, body);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("AEGIS6012", problem.GetProperty("code").GetString());
        Assert.False(problem.TryGetProperty("got", out _));
    }

    [Theory]
    [InlineData("X-Aegis-Tenant", "rival")]
    [InlineData("X-Aegis-Project", "other")]
    public async Task Request_HeaderOfAnotherTenancy_OneFixedError(string header, string value)
    {
        using var request = server.Request("GET", "/v1/runs", server.AcmeKey);
        request.Headers.Add(header, value);
        var (status, problem) = await server.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("AEGIS6012", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Request_NamesItsOwnTenancy_Passes()
    {
        var (status, _) = await server.SendAsync("POST", "/v1/plans:create?tenant_id=acme&project_id=web",
            server.AcmeKey, """{"workflow":"x","tenant_id":"acme","project_id":"web"}""");
        Assert.Equal(HttpStatusCode.Created, status);
    }

    [Fact]
    public async Task WideKey_WithoutProject_IsAskedForOne_AndTheHeaderChooses()
    {
        var (status, problem) = await server.SendAsync("GET", "/v1/runs", server.AcmeWide);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("AEGIS6013", problem.GetProperty("code").GetString());
        // the query may agree, but it does not choose
        Assert.Equal(HttpStatusCode.BadRequest,
            (await server.SendAsync("GET", "/v1/runs?project_id=web", server.AcmeWide)).Status);
        using var chosen = server.Request("GET", "/v1/runs", server.AcmeWide);
        chosen.Headers.Add("X-Aegis-Project", "web");
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(chosen)).Status);
        using var unknown = server.Request("GET", "/v1/runs", server.AcmeWide);
        unknown.Headers.Add("X-Aegis-Project", "nowhere");
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(unknown)).Status);
    }

    [Fact]
    public async Task RevokedKey_ByTheDoor_IsRefusedAtOnce()
    {
        var key = await server.Ledger.Tenants.CreateKeyAsync("acme", "web", "gone", ["runs:read"], default);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/v1/runs", key.Secret)).Status);
        Assert.Equal(HttpStatusCode.NoContent,
            (await server.SendAsync("DELETE", $"/v1/keys/{key.KeyId}", server.AcmeWide)).Status);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await server.SendAsync("GET", "/v1/runs", key.Secret)).Status);
    }

    [Fact]
    public async Task RevokedKey_ByAnotherNode_IsBelievedForKeyLifeAndNotLonger()
    {
        var time = new ManualTime();
        var verifier = new KeyVerifier(server.Ledger.Tenants, time);
        var key = await server.Ledger.Tenants.CreateKeyAsync("acme", "web", "gone", [], default);
        Assert.NotNull(await verifier.FindAsync(key.Secret, default));
        await server.Ledger.Tenants.RevokeKeyAsync("acme", key.KeyId, default);
        time.Turn(DoorLimits.KeyLife - TimeSpan.FromTicks(1));
        Assert.NotNull(await verifier.FindAsync(key.Secret, default));
        time.Turn(TimeSpan.FromTicks(1));
        Assert.Null(await verifier.FindAsync(key.Secret, default));
        Assert.Equal(0, verifier.Count);
    }

    [Fact]
    public async Task UnknownKeys_LeaveNothingBehind()
    {
        var verifier = new KeyVerifier(server.Ledger.Tenants, new ManualTime());
        for (var i = 0; i < 50; i++)
        {
            Assert.Null(await verifier.FindAsync($"aegis_key_{i}", default));
        }
        Assert.Null(await verifier.FindAsync(new string('x', 257), default));
        Assert.Equal(0, verifier.Count);
    }

    [Fact]
    public void InternalToken_IsGoodForItsTenancyAndItsHour()
    {
        var time = new ManualTime();
        using var tokens = new InternalTokens(time);
        using var others = new InternalTokens(time);
        var token = tokens.Mint(ServerFixture.Acme);
        Assert.Equal(ServerFixture.Acme, tokens.Verify(token));
        Assert.Null(others.Verify(token));
        Assert.Null(tokens.Verify(token[..^4] + "AAAA"));
        var forged = others.Mint(ServerFixture.Rival).Split('.')[0] + "." + token.Split('.')[1];
        Assert.Null(tokens.Verify(forged));
        time.Turn(InternalTokens.Life - TimeSpan.FromSeconds(1));
        Assert.Equal(ServerFixture.Acme, tokens.Verify(token));
        time.Turn(TimeSpan.FromSeconds(1));
        Assert.Null(tokens.Verify(token));
    }

    [Fact]
    public async Task InternalToken_OpensRepositoriesOnly()
    {
        var token = server.Tokens.Mint(ServerFixture.Acme);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/v1/repos", token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync("GET", "/v1/runs", token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("GET", "/v1/repos?tenant_id=rival", token)).Status);
        var nobody = server.Tokens.Mint(new Tenancy("acme", "nowhere"));
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await server.SendAsync("GET", "/v1/repos", nobody)).Status);
    }

    [Fact]
    public async Task Health_NeedsNoIdentity()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/healthz", null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/readyz", null)).Status);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await server.SendAsync("GET", "/v1/version", null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync("GET", "/nowhere", null)).Status);
    }
}
