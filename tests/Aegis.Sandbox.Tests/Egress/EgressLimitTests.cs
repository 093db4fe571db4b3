using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Core.Runs;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

public sealed class EgressLimitTests
{
    [Fact]
    public async Task Bytes_AtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("0123456789"));
        // the rewritten head, the answer's head and its body, as the tally has them
        await using var measure = new ProxyRig([server.Entry]);
        await measure.GetAsync($"http://{server.Entry}/");
        await measure.Proxy.DisposeAsync();
        var needed = measure.Proxy.Facts.Sum(fact => fact.BytesOut + fact.BytesIn);
        await using var enough = new ProxyRig([server.Entry], limits: new EgressLimits { Bytes = needed });
        Assert.EndsWith("0123456789", await enough.GetAsync($"http://{server.Entry}/"),
            StringComparison.Ordinal);
        await using var less = new ProxyRig([server.Entry], limits: new EgressLimits { Bytes = needed - 1 });
        Assert.DoesNotContain("0123456789", await less.GetAsync($"http://{server.Entry}/"),
            StringComparison.Ordinal);
        await less.Proxy.DisposeAsync();
        Assert.Equal("AEGIS3108", Assert.Single(less.Proxy.Facts).Denied);
        // a budget that is spent lets nothing more out
        await using var none = new ProxyRig([server.Entry], limits: new EgressLimits { Bytes = 0 });
        Assert.StartsWith("HTTP/1.1 403 AEGIS3108", await none.GetAsync($"http://{server.Entry}/"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EgressDial.TriedMax, "200")]
    [InlineData(EgressDial.TriedMax + 1, "502")]
    public async Task Addresses_OfOneName_AtTheLimitAndPast(int answering, string status)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var tried = 0;
        var dial = new EgressDial((_, _) => Task.FromResult(Enumerable.Range(1, answering)
            .Select(i => IPAddress.Parse($"8.8.8.{i}")).ToArray()), async (place, cancel) =>
        {
            tried++;
            if (!place.Address.ToString().EndsWith($".{answering}", StringComparison.Ordinal))
            {
                throw new SocketException((int)SocketError.ConnectionRefused);
            }
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, server.Port, cancel);
            return new NetworkStream(socket, true);
        });
        await using var rig = new ProxyRig([$"many.example:{server.Port}"], [], dial: dial);
        Assert.StartsWith($"HTTP/1.1 {status}", await rig.GetAsync($"http://many.example:{server.Port}/"),
            StringComparison.Ordinal);
        Assert.Equal(EgressDial.TriedMax, tried);
    }

    [Fact]
    public async Task Connections_AtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry], limits: new EgressLimits { Connections = 2 });
        var request = Encoding.ASCII.GetBytes(
            $"GET http://{server.Entry}/ HTTP/1.1\r\nHost: {server.Entry}\r\n\r\n");
        var held = new List<NetworkStream>();
        foreach (var status in new[] { "200", "200", "503 AEGIS3109" })
        {
            held.Add(await rig.ConnectAsync());
            await held[^1].WriteAsync(request);
            Assert.StartsWith($"HTTP/1.1 {status} ", await TlsServer.HeadAsync(held[^1]),
                StringComparison.Ordinal);
        }
        foreach (var stream in held)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public void Rate_OneSecondsWorthAtOnce_ThenWaits()
    {
        var clock = new ManualClock();
        var rate = new TokenBucket(1_000, clock);
        Assert.Equal(TimeSpan.Zero, rate.Reserve(1_000));
        Assert.Equal(TimeSpan.FromMilliseconds(1), rate.Reserve(1));
        clock.Advance(TimeSpan.FromMilliseconds(501));
        Assert.Equal(TimeSpan.Zero, rate.Reserve(500));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, rate.Reserve(1_000));
        Assert.Equal(TimeSpan.FromSeconds(2), rate.Reserve(2_000));
    }

    [Fact]
    public async Task Rate_OfRequests_WaitsAndDoesNotRefuse()
    {
        var clock = new ManualClock();
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry], time: clock,
            limits: new EgressLimits { RequestsPerSecond = 2 });
        var url = $"http://{server.Entry}/";
        Assert.StartsWith("HTTP/1.1 200", await rig.GetAsync(url), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await rig.GetAsync(url), StringComparison.Ordinal);
        var third = rig.GetAsync(url);
        // all of the proxy's other limits are longer
        await clock.TimerWithinAsync(TimeSpan.FromSeconds(1));
        Assert.False(third.IsCompleted);
        Assert.Equal(2, server.Asked.Count);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("HTTP/1.1 200", await third, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_AtTheLimitAndPast()
    {
        var clock = new ManualClock();
        var parts = new ProxyParts(new ProxyNetwork([], new EgressLimits(), null),
            new EgressOptions { Time = clock });
        var limit = TimeSpan.FromSeconds(60);
        var answered = new TaskCompletionSource<int>();
        var running = TimeLimit.RunAsync(parts, limit, "it",
            cancel => new ValueTask<int>(answered.Task.WaitAsync(cancel)), CancellationToken.None, 408);
        clock.Advance(limit - TimeSpan.FromTicks(1));
        Assert.False(running.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        var refused = await Assert.ThrowsAsync<EgressRefusedException>(() => running);
        Assert.Equal((408, "AEGIS3107"), (refused.Status, refused.Error.Code));
        answered.SetResult(1);
        Assert.Equal(1, await TimeLimit.RunAsync(parts, limit, "it",
            cancel => new ValueTask<int>(answered.Task.WaitAsync(cancel)), CancellationToken.None));
    }

    [Fact]
    public void Idle_AtTheLimitAndPast_CountsFromTheLastByte()
    {
        var (clock, limit) = (new ManualClock(), TimeSpan.FromSeconds(5));
        using var idle = new IdleWatch(limit, clock, CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(limit - TimeSpan.FromTicks(1));
            Assert.False(idle.IsOver);
            idle.Touch();
        }
        clock.Advance(limit);
        Assert.True(idle is { IsOver: true, Token.IsCancellationRequested: true });
    }

    [Fact]
    public async Task Head_ThatDoesNotCome_IsNotWaitedForLonger()
    {
        var (clock, limits) = (new ManualClock(), new EgressLimits());
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry], limits: limits, time: clock);
        await using var silent = await rig.ConnectAsync();
        await PassAsync(clock, limits.HeadTime);
        Assert.Equal("", await ProxyRig.RestAsync(silent));
        // half a head behind a whole one, in one piece: the first one's answer shows that it has come
        await using var half = await rig.ConnectAsync();
        await half.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET http://{server.Entry}/ HTTP/1.1\r\nHost: {server.Entry}\r\n\r\nGET http://"));
        Assert.StartsWith("HTTP/1.1 200 ", await TlsServer.HeadAsync(half), StringComparison.Ordinal);
        await PassAsync(clock, limits.HeadTime);
        Assert.StartsWith("HTTP/1.1 408 AEGIS3107", await ProxyRig.RestAsync(half),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hello_ThatDoesNotCome_IsNotWaitedForLonger()
    {
        var (clock, limits) = (new ManualClock(), new EgressLimits());
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry], limits: limits, time: clock);
        await using var tunnel = await rig.ConnectAsync();
        await tunnel.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {server.Entry} HTTP/1.1\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200 ", await TlsServer.HeadAsync(tunnel), StringComparison.Ordinal);
        await PassAsync(clock, limits.HelloTime);
        Assert.Equal(Encoding.Latin1.GetString(ProxyAnswer.TlsAlert.Span), await ProxyRig.RestAsync(tunnel));
        await rig.Proxy.DisposeAsync();
        Assert.Equal("AEGIS3107", Assert.Single(rig.Proxy.Facts).Denied);
    }

    /// <summary>Lets the time pass for which somebody waits, or is about to.</summary>
    private static async Task PassAsync(ManualClock clock, TimeSpan limit)
    {
        await clock.TimerWithinAsync(limit);
        clock.Advance(limit);
    }

    [Fact]
    public async Task Answer_ThatDoesNotCome_IsNotWaitedForLonger()
    {
        await using var server = new LoopbackServer(_ => null);
        await using var rig = new ProxyRig([server.Entry],
            limits: new EgressLimits { IdleTime = TimeSpan.FromMilliseconds(200) });
        Assert.StartsWith("HTTP/1.1 504 AEGIS3107", await rig.GetAsync($"http://{server.Entry}/"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tally_TenThousandRequests_AreOneRow()
    {
        var tally = new EgressTally();
        for (var i = 0; i < 10_000; i++)
        {
            tally.Add(new EgressFact("a.example", 443, "CONNECT", "a.example", null, 1, 2, 3));
        }
        Assert.Equal(new EgressFact("a.example", 443, "CONNECT", "a.example", null, 10_000, 20_000, 30_000),
            Assert.Single(tally.Facts));
    }

    [Fact]
    public void Tally_HostsAtTheLimitAndPast()
    {
        var tally = new EgressTally();
        for (var i = 0; i < EgressTally.RowsMax; i++)
        {
            tally.Add(new EgressFact($"h{i}.example", 80, "GET", null, "AEGIS2161", 1, 0, 0));
        }
        Assert.Equal(EgressTally.RowsMax, tally.Facts.Length);
        Assert.DoesNotContain(tally.Facts, fact => fact.Host == "*");
        for (var i = 0; i < 10_000; i++)
        {
            tally.Add(new EgressFact($"x{i}.example", 80, "GET", null, "AEGIS2161", 1, 0, 0));
            tally.Add(new EgressFact($"x{i}.example", 80, "GET", "*.example", null, 1, 2, 3));
        }
        tally.Add(new EgressFact("h0.example", 80, "GET", null, "AEGIS2161", 1, 0, 0));
        var facts = tally.Facts;
        Assert.Equal(EgressTally.RowsMax + 2, facts.Length);
        Assert.Equal(2, facts.Single(fact => fact.Host == "h0.example").Count);
        Assert.Equal([(null, 10_000L, 20_000L), ("*", 10_000L, 0L)],
            facts[^2..].Select(fact => (fact.Denied, fact.Count, fact.BytesOut)).Order());
    }
}
