using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aegis.Core.Runs;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>The authority of one command: TLS to places of bound secrets is opened, and nothing
/// else.</summary>
[Collection("sandbox")]
public sealed class AuthorityTests(SandboxFixture sandbox)
{
    private const string Host = "api.example";
    private const string Placeholder = "AEGIS_SECRET_0123456789abcdef";
    private const string Value = "s3cr3t-value-that-stays-outside";

    [Theory]
    [InlineData("curl -sS -H \"X-Key: $AEGIS_SECRET_0\" https://PLACE/a")]
    [InlineData("python3 -c 'import os,urllib.request as u; "
        + "print(u.urlopen(u.Request(\"https://PLACE/a\", "
        + "headers={\"X-Key\": os.environ[\"AEGIS_SECRET_0\"]})).read().decode())'")]
    [InlineData("node -e 'const h=require(\"http\"),t=require(\"tls\"),[a,p]=\"PLACE\".split(\":\");"
        + "h.request({host:\"127.0.0.1\",port:3128,method:\"CONNECT\",path:\"PLACE\","
        + "headers:{host:\"PLACE\"}}).on(\"connect\",(r,s)=>{"
        + "const c=t.connect({socket:s,servername:a},()=>c.write(\"GET /a HTTP/1.1\\r\\nHost: \"+a+\":\"+p+"
        + "\"\\r\\nX-Key: \"+process.env.AEGIS_SECRET_0+\"\\r\\nConnection: close\\r\\n\\r\\n\"));"
        + "c.pipe(process.stdout)}).end()'")]
    public async Task Command_OverHttps_SendsTheValueAndSeesNone(string act)
    {
        await using var server = new TlsServer(Host);
        var place = $"{Host}:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, [server.Authority], [place]);
        var (ran, facts) = await proxied.RunAsync(Network(place), "sh", "-c",
            act.Replace("PLACE", place, StringComparison.Ordinal)
            + "; env; cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; cat /run/* 2>/dev/null");
        var head = Assert.Single(server.Heads);
        Assert.StartsWith("GET /a HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"X-Key: {Value}\r\n", head, StringComparison.OrdinalIgnoreCase);
        // it came back, covered: the server answers with what it was asked
        Assert.Contains(new string('*', Value.Length), ran.Stdout, StringComparison.Ordinal);
        Assert.Contains($"AEGIS_SECRET_0={Placeholder}", ran.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, ran.Stdout + ran.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", ran.Stdout, StringComparison.Ordinal);
        Assert.Equal([("CONNECT", null), ("GET", null)], facts.Select(fact => (fact.Method, fact.Denied)));
        // the control: without the authority the tunnel is carried unread, and the placeholder arrives
        var (_, unread) = await proxied.RunAsync(Network(place) with { OpensTls = false }, "sh", "-c",
            act.Replace("PLACE", place, StringComparison.Ordinal));
        Assert.Equal("CONNECT", Assert.Single(unread).Method);
    }

    [Fact]
    public async Task Tunnel_ToAPlaceWithoutSecrets_IsCarriedUnread()
    {
        await using var server = new TlsServer("other.example");
        var place = $"other.example:{server.Port}";
        using var authority = new CommandAuthority(TimeProvider.System);
        await using var rig = Rig(server, authority, place);
        await using var stream = await TunnelTests.OpenAsync(rig, place);
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(Trusting("other.example", server.Authority));
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nX: {Placeholder}\r\n\r\n"));
        await TlsServer.HeadAsync(tls);
        Assert.Contains(Placeholder, Assert.Single(server.Heads), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_InsideAnOpenedTunnel_AreJudgedByMethodAndPath()
    {
        await using var server = new TlsServer(Host);
        var place = $"{Host}:{server.Port}";
        using var authority = new CommandAuthority(TimeProvider.System);
        await using var rig = Rig(server, authority, $"GET {place}/v1/*");
        foreach (var (path, status) in new[] { ("/v1/a", "200 "), ("/v2", "403 AEGIS2161"),
            ("/v1/../v2", "403 AEGIS2161"), ("/v1/%2e%2e/v2", "403 AEGIS2161") })
        {
            await using var tls = await InsideAsync(rig, place, authority);
            await tls.WriteAsync(Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n"));
            Assert.StartsWith($"HTTP/1.1 {status}", await ProxyRig.RestAsync(tls), StringComparison.Ordinal);
        }
        Assert.Single(server.Heads);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n", "400 AEGIS3102")]
    [InlineData("GET https://PLACE/ HTTP/1.1\r\nHost: PLACE\r\n\r\n", "400 AEGIS3100")]
    [InlineData("CONNECT PLACE HTTP/1.1\r\nHost: PLACE\r\n\r\n", "400 AEGIS3100")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 AEGIS3100")]
    [InlineData("POST / HTTP/1.1\r\nHost: PLACE\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "400 AEGIS3101")]
    public async Task Requests_InsideThatReadInTwoWays_AreRefused(string request, string status)
    {
        await using var server = new TlsServer(Host);
        var place = $"{Host}:{server.Port}";
        using var authority = new CommandAuthority(TimeProvider.System);
        await using var rig = Rig(server, authority, place);
        await using var tls = await InsideAsync(rig, place, authority);
        await tls.WriteAsync(Encoding.ASCII.GetBytes(
            request.Replace("PLACE", place, StringComparison.Ordinal)));
        Assert.StartsWith($"HTTP/1.1 {status}", await ProxyRig.RestAsync(tls), StringComparison.Ordinal);
        Assert.Empty(server.Heads);
    }

    [Fact]
    public async Task Client_ThatTrustsAnotherAuthority_SendsNothing()
    {
        await using var server = new TlsServer(Host);
        var place = $"{Host}:{server.Port}";
        using var authority = new CommandAuthority(TimeProvider.System);
        await using var rig = Rig(server, authority, place);
        await using var stream = await TunnelTests.OpenAsync(rig, place);
        await using var tls = new SslStream(stream);
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(
            Trusting(Host, server.Authority)));
        await tls.DisposeAsync();
        await rig.Proxy.DisposeAsync();
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task Server_ThatTheProxyDoesNotTrust_GetsNothing()
    {
        await using var server = new TlsServer(Host);
        await using var other = new TlsServer(Host);
        var place = $"{Host}:{server.Port}";
        using var authority = new CommandAuthority(TimeProvider.System);
        await using var rig = Rig(other, authority, place);
        await using var tls = await InsideAsync(rig, place, authority);
        await tls.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET / HTTP/1.1\r\nHost: {place}\r\nX: {Placeholder}\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 502 AEGIS3106", await ProxyRig.RestAsync(tls), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Heads, head => head.Length > 0);
    }

    [Fact]
    public void Authority_IsOfOneCommand_AndItsBundleHoldsNoKey()
    {
        using var one = new CommandAuthority(TimeProvider.System);
        using var other = new CommandAuthority(TimeProvider.System);
        var bundle = Encoding.ASCII.GetString(one.Bundle());
        Assert.NotEqual(bundle, Encoding.ASCII.GetString(other.Bundle()));
        Assert.DoesNotContain("PRIVATE", bundle, StringComparison.Ordinal);
        Assert.Same(one.For("a.example"), one.For("a.example"));
    }

    [Fact]
    public void Leaves_AtTheLimitAndPast()
    {
        using var authority = new CommandAuthority(TimeProvider.System);
        var first = authority.For("h0.example");
        for (var i = 1; i < CommandAuthority.LeavesMax; i++)
        {
            authority.For($"h{i}.example");
        }
        Assert.Same(first, authority.For("h0.example"));
        // the shelf is full, and begins anew with the next
        authority.For("one.more");
        Assert.NotSame(first, authority.For("h0.example"));
    }

    private static ProxyNetwork Network(string place) => new([place], new EgressLimits(),
        new FixedSecrets(Host, new BoundSecret(Placeholder, Value))) { OpensTls = true };

    private static ProxyRig Rig(TlsServer trusted, CommandAuthority authority, string entry) => new([entry],
        [entry.Split(' ')[^1].Split('/')[0]], names: _ => [IPAddress.Loopback],
        secrets: new FixedSecrets(Host, new BoundSecret(Placeholder, Value)), roots: [trusted.Authority],
        authority: authority);

    private static async Task<SslStream> InsideAsync(ProxyRig rig, string place, CommandAuthority authority)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Encoding.ASCII.GetString(authority.Bundle()));
        var tls = new SslStream(await TunnelTests.OpenAsync(rig, place));
        await tls.AuthenticateAsClientAsync(Trusting(Host, [.. roots]));
        return tls;
    }

    private static SslClientAuthenticationOptions Trusting(string name, params X509Certificate2[] roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        return new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = policy };
    }
}
