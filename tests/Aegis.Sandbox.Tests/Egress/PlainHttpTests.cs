using System.Net;
using System.Net.Sockets;
using Aegis.Core.Runs;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

public sealed class PlainHttpTests
{
    [Fact]
    public async Task Request_ToAnAllowedHost_IsCarriedInOriginFormWithoutHopHeaders()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("hello", "Keep-Alive: a\r\n"));
        await using var rig = new ProxyRig([server.Entry]);
        var answer = await rig.GetAsync($"http://{server.Entry}/a?b=c", "Accept: text/plain\r\n"
            + "Proxy-Authorization: Basic eDp5\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: h2c\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Keep-Alive", answer, StringComparison.Ordinal);
        Assert.Equal($"GET /a?b=c HTTP/1.1\r\nHost: {server.Entry}\r\nAccept: text/plain\r\n"
            + "Connection: close\r\n\r\n", Assert.Single(server.Asked).Head);
        await rig.Proxy.DisposeAsync();
        var fact = Assert.Single(rig.Proxy.Facts);
        Assert.Equal(new EgressFact("127.0.0.1", server.Port, "GET", server.Entry, null, 1, fact.BytesOut,
            fact.BytesIn), fact);
        Assert.True(fact is { BytesOut: > 60, BytesIn: > 40 });
    }

    [Fact]
    public async Task Request_ThatNoEntryCovers_IsDeniedWithCodeRuleAndMend()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig(["other.example"], [server.Entry]);
        var answer = await rig.GetAsync($"http://{server.Entry}/secret-path");
        Assert.StartsWith("HTTP/1.1 403 AEGIS2161 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"AEGIS2161\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"rule\":\"policy.egress_allow\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"mend\":\"add ", answer, StringComparison.Ordinal);
        Assert.Empty(server.Asked);
        await rig.Proxy.DisposeAsync();
        Assert.Equal(new EgressFact("127.0.0.1", server.Port, "GET", null, "AEGIS2161", 1, 0, 0),
            Assert.Single(rig.Proxy.Facts));
        // the control: the same request where an entry covers it
        await using var open = new ProxyRig([server.Entry]);
        Assert.StartsWith("HTTP/1.1 200", await open.GetAsync($"http://{server.Entry}/secret-path"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET HOST", "GET", "/", 200)]
    [InlineData("GET HOST", "POST", "/", 403)]
    [InlineData("GET,POST HOST", "POST", "/", 200)]
    [InlineData("HOST/public/*", "GET", "/public/a?q=../x", 200)]
    [InlineData("HOST/public/*", "GET", "/private", 403)]
    [InlineData("HOST/public/*", "GET", "/public/../private", 403)]
    [InlineData("HOST/public/*", "GET", "/public/%2e%2E/private", 403)]
    [InlineData("HOST/public/*", "GET", "/public/..%2fprivate", 403)]
    [InlineData("HOST/public/*", "GET", "/public//private", 403)]
    [InlineData("HOST/one", "GET", "/one", 200)]
    [InlineData("HOST/one", "GET", "/one/two", 403)]
    public async Task Rule_WithMethodOrPath_CoversThoseAlone(string entry, string method, string path,
        int status)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig(
            [entry.Replace("HOST", server.Entry, StringComparison.Ordinal)], [server.Entry]);
        var answer = await rig.AskAsync($"{method} http://{server.Entry}{path} HTTP/1.1\r\n"
            + $"Host: {server.Entry}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(status == 200 ? 1 : 0, server.Asked.Count);
    }

    [Fact]
    public async Task Connection_AfterAWholeExchange_ServesTheNextRequest()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("x"));
        await using var rig = new ProxyRig([server.Entry]);
        var once = $"GET http://{server.Entry}/1 HTTP/1.1\r\nHost: {server.Entry}\r\n\r\n";
        var answer = await rig.AskAsync(once + once.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n",
            StringComparison.Ordinal));
        Assert.Equal(2, answer.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Equal(2, server.Asked.Count);
        await rig.Proxy.DisposeAsync();
        Assert.Equal(2, Assert.Single(rig.Proxy.Facts).Count);
    }

    [Fact]
    public async Task Body_OfALength_ArrivesWhole()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Status("201 Created"));
        await using var rig = new ProxyRig([server.Entry]);
        var answer = await rig.AskAsync($"POST http://{server.Entry}/ HTTP/1.1\r\nHost: {server.Entry}\r\n"
            + "Expect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        Assert.StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created", answer,
            StringComparison.Ordinal);
        Assert.Equal("hello", Assert.Single(server.Asked).Body);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\n folded: x\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    public async Task Answer_ThatReadsInTwoWays_IsNotCarried(string answer)
    {
        await using var server = new LoopbackServer(_ => System.Text.Encoding.Latin1.GetBytes(answer));
        await using var rig = new ProxyRig([server.Entry]);
        Assert.StartsWith("HTTP/1.1 502 AEGIS3110 ", await rig.GetAsync($"http://{server.Entry}/"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_ThatIsNotThere_IsSaid()
    {
        await using var rig = new ProxyRig(["gone.example"], names: _ => []);
        Assert.StartsWith("HTTP/1.1 502 AEGIS3106 ", await rig.GetAsync("http://gone.example/"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("172.16.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::7f00:1")]
    [InlineData("2002:7f00:1::")]
    public async Task Name_ThatStandsForASpecialAddress_IsDeniedAndAskedOnce(string address)
    {
        var asked = 0;
        await using var rig = new ProxyRig(["inside.example"], [], names: _ =>
        {
            asked++;
            return [IPAddress.Parse(address)];
        });
        foreach (var request in new[]
        {
            "GET http://inside.example/ HTTP/1.1\r\nHost: inside.example\r\nConnection: close\r\n\r\n",
            "CONNECT inside.example:443 HTTP/1.1\r\nHost: inside.example:443\r\n\r\n",
        })
        {
            var answer = await rig.AskAsync(request);
            Assert.StartsWith("HTTP/1.1 403 AEGIS2162 ", answer, StringComparison.Ordinal);
            Assert.DoesNotContain(address, answer, StringComparison.Ordinal);
        }
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Name_ThatNoEntryCovers_IsNeverLookedUp()
    {
        var asked = new List<string>();
        await using var rig = new ProxyRig(["fine.example"], [], names: name =>
        {
            asked.Add(name);
            return [];
        });
        await rig.GetAsync("http://c2VjcmV0.evil.example/");
        Assert.Empty(asked);
        await rig.GetAsync("http://fine.example/");
        Assert.Equal(["fine.example"], asked);
    }

    [Fact]
    public async Task Name_ThatIsPublicFirstAndLoopbackThen_NeverReachesLoopback()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("through"));
        var (rebind, connected) = ($"rebind.example:{server.Port}", new List<IPAddress>());
        var answers = new Queue<string[]>([["8.8.8.8"], ["127.0.0.1"], ["8.8.4.4", "127.0.0.1"],
            ["::ffff:127.0.0.1"], ["169.254.169.254"]]);
        var dial = new EgressDial(
            (_, _) => Task.FromResult(answers.Dequeue().Select(IPAddress.Parse).ToArray()),
            async (place, cancel) =>
            {
                connected.Add(place.Address);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, server.Port, cancel);
                return new NetworkStream(socket, true);
            });
        await using var rig = new ProxyRig([rebind], [], dial: dial);
        foreach (var status in new[] { "200", "403 AEGIS2162", "200", "403 AEGIS2162", "403 AEGIS2162" })
        {
            Assert.StartsWith($"HTTP/1.1 {status}", await rig.GetAsync($"http://{rebind}/"),
                StringComparison.Ordinal);
        }
        // what was judged is what was connected to; the control is that loopback would have answered
        Assert.Equal([IPAddress.Parse("8.8.8.8"), IPAddress.Parse("8.8.4.4")], connected);
    }

    [Theory]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.1")]
    [InlineData("017700000001")]
    [InlineData("127.1")]
    [InlineData("0")]
    [InlineData("127.0.0.1.")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    public async Task Address_SpelledInAnotherWay_IsNoAddressOfAnEntry(string spelled)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry]);
        var place = $"{spelled}:{server.Port}";
        foreach (var request in new[] { $"GET http://{place}/ HTTP/1.1\r\nHost: {place}\r\n\r\n",
            $"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n" })
        {
            Assert.StartsWith("HTTP/1.1 403 AEGIS2161 ", await rig.AskAsync(request),
                StringComparison.Ordinal);
        }
        Assert.Empty(server.Asked);
        Assert.StartsWith("HTTP/1.1 200 ", await rig.GetAsync($"http://{server.Entry}/"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.example", 200)]
    [InlineData("GET site.example:PORT", 200)]
    [InlineData("other.example:PORT", 403)]
    [InlineData("POST site.example:PORT", 403)]
    [InlineData(null, 403)]
    public async Task Ceiling_MustAllowAsWell(string? entry, int status)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var site = $"site.example:{server.Port}";
        entry = entry == "*.example" ? $"*.example:{server.Port}"
            : entry?.Replace("PORT", $"{server.Port}", StringComparison.Ordinal);
        await using var rig = new ProxyRig([site], names: _ => [IPAddress.Loopback],
            ceiling: entry is null ? [] : [entry]);
        Assert.StartsWith(status == 200 ? "HTTP/1.1 200 " : "HTTP/1.1 403 AEGIS3113 ",
            await rig.GetAsync($"http://{site}/"), StringComparison.Ordinal);
        await using var alone = new ProxyRig(["b.example"], [site], names: _ => [IPAddress.Loopback],
            ceiling: [site]);
        // what the ceiling names alone is not allowed by it
        Assert.StartsWith("HTTP/1.1 403 AEGIS2161 ", await alone.GetAsync($"http://{site}/"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_ThatAnswersDifferentlyTheSecondTime_IsConnectedToWhatWasJudged()
    {
        await using var judged = new LoopbackServer(_ => LoopbackServer.Ok("judged"));
        var answers = new Queue<IPAddress>([IPAddress.Loopback, IPAddress.Parse("127.0.0.2")]);
        await using var rig = new ProxyRig([$"rebind.example:{judged.Port}"],
            names: _ => [answers.Dequeue()]);
        Assert.EndsWith("judged", await rig.GetAsync($"http://rebind.example:{judged.Port}/"),
            StringComparison.Ordinal);
        Assert.Single(answers);
        // the control: whoever looks the name up again stands before another address
        Assert.Equal(IPAddress.Parse("127.0.0.2"), answers.Dequeue());
    }
}
