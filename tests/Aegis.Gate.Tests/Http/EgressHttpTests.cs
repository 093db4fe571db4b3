using System.Collections.Immutable;
using System.Net;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate.Http;
using Aegis.Gate.Redaction;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Gate.Tests.Http;

public sealed class EgressHttpTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Send_AllowedAddress_GivesTheAnswerRedacted()
    {
        await using var server = new LoopbackServer(_ =>
            LoopbackServer.Ok("{\"key\":\"s3cret-of-the-gate\"}", "X-Key: s3cret-of-the-gate\r\n"));
        var reply = await SendAsync([server.Entry], Get(server.Url("/a?b=c"),
            new HttpField("Accept", "application/json")), secret: "s3cret-of-the-gate");
        Assert.Equal((200, "{\"key\":\"***\"}"), (reply.Status, Encoding.UTF8.GetString(reply.Body.Span)));
        Assert.Contains(new HttpField("X-Key", "***"), reply.Headers);
        var (head, _) = Assert.Single(server.Asked);
        Assert.StartsWith("GET /a?b=c HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Accept: application/json\r\n", head, StringComparison.Ordinal);
        Assert.Contains("User-Agent: aegis-forge\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("traceparent", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Send_Body_ArrivesWithItsHeaders()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Status("201 Created"));
        var reply = await SendAsync([server.Entry], new HttpCall("POST", server.Url(),
            [new("Content-Type", "text/plain"), new("X-A", "1")], Encoding.UTF8.GetBytes("hello"), Long));
        Assert.Equal(201, reply.Status);
        var (head, body) = Assert.Single(server.Asked);
        Assert.Equal("hello", body);
        Assert.Contains("Content-Type: text/plain\r\n", head, StringComparison.Ordinal);
        Assert.Contains("X-A: 1\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "AEGIS2161")]
    [InlineData("localhost:PORT", "localhost", "AEGIS2162")]
    [InlineData("127.0.0.2:PORT", "127.0.0.1", "AEGIS2161")]
    [InlineData("*.example.com", "127.0.0.1", "AEGIS2161")]
    public async Task Send_WhatThePolicyDoesNotName_NeverArrives(string entry, string host, string code)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var allow = entry.Replace("PORT", $"{server.Port}", StringComparison.Ordinal);
        await FailsAsync(code, [allow], Get(new Uri($"http://{host}:{server.Port}/")));
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task Send_ANameThatResolvesInside_IsRefusedAndResolvedOnce()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var asked = new List<string>();
        var dial = new EgressDial((host, _) =>
        {
            asked.Add(host);
            // a name server that would answer differently the second time
            return Task.FromResult(new[] { IPAddress.Parse(asked.Count == 1 ? "10.0.0.1" : "8.8.8.8") });
        });
        var error = await FailsAsync("AEGIS2162", [$"rebind.example:{server.Port}"],
            Get(new Uri($"http://rebind.example:{server.Port}/")), dial);
        Assert.DoesNotContain("10.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Equal(["rebind.example"], asked);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task Send_ANameThatIsNotKnown_SaysSo() => Assert.Contains("name is not known",
        (await FailsAsync("AEGIS2165", ["nothing.invalid"], Get(new Uri("http://nothing.invalid/")),
            new EgressDial((_, _) => Task.FromResult(Array.Empty<IPAddress>())))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Send_Redirects_AtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(head =>
        {
            var left = int.Parse(head.Split(' ')[1][1..], System.Globalization.CultureInfo.InvariantCulture);
            return left == 0 ? LoopbackServer.Ok("there")
                : LoopbackServer.Status("302 Found", headers: $"Location: /{left - 1}\r\n");
        });
        var reply = await SendAsync([server.Entry], Get(server.Url($"/{EgressHttp.RedirectsMax}")));
        Assert.Equal((200, EgressHttp.RedirectsMax, "/0"),
            (reply.Status, reply.Redirects, reply.Url.AbsolutePath));
        await FailsAsync("AEGIS2167", [server.Entry], Get(server.Url($"/{EgressHttp.RedirectsMax + 1}")));
    }

    [Fact]
    public async Task Send_ARedirectToAHostThatIsNotAllowed_IsNotFollowed()
    {
        await using var inside = new LoopbackServer(_ => LoopbackServer.Ok("inside"));
        await using var server = new LoopbackServer(_ =>
            LoopbackServer.Status("302 Found", headers: $"Location: {inside.Url()}\r\n"));
        await FailsAsync("AEGIS2161", [server.Entry], Get(server.Url()));
        Assert.Empty(inside.Asked);
    }

    [Fact]
    public async Task Send_ARedirectToAnotherOrigin_TakesNoCredentialAlong()
    {
        await using var other = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var server = new LoopbackServer(head => head.Contains("/away", StringComparison.Ordinal)
            ? LoopbackServer.Status("307 Temporary Redirect", headers: $"Location: {other.Url()}\r\n")
            : LoopbackServer.Status("307 Temporary Redirect", headers: "Location: /away\r\n"));
        await SendAsync([server.Entry, other.Entry], new HttpCall("PUT", server.Url(),
            [new("Authorization", "Bearer x"), new("X-Api-Key", "y"), new("Accept", "text/a")],
            Encoding.UTF8.GetBytes("body"), Long));
        Assert.All(server.Asked, asked =>
            Assert.Contains("X-Api-Key: y", asked.Head, StringComparison.Ordinal));
        var (head, body) = Assert.Single(other.Asked);
        Assert.StartsWith("PUT / ", head, StringComparison.Ordinal);
        Assert.Equal("body", body);
        Assert.Contains("Accept: text/a", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", head, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Api-Key", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ResponseBodyAtTheLimitAndPast()
    {
        var size = EgressHttp.ResponseBodyBytesMax;
        await using var server = new LoopbackServer(head => LoopbackServer.Ok(
            new string('x', head.Contains("/past", StringComparison.Ordinal) ? size + 1 : size)));
        Assert.Equal(size, (await SendAsync([server.Entry], Get(server.Url()))).Body.Length);
        await FailsAsync("AEGIS2168", [server.Entry], Get(server.Url("/past")));
    }

    [Fact]
    public async Task Send_RequestBodyAtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var body = new byte[EgressHttp.RequestBodyBytesMax + 1];
        await SendAsync([server.Entry], new HttpCall("POST", server.Url(), [], body.AsMemory(1), Long));
        await FailsAsync("AEGIS2164", [server.Entry], new HttpCall("POST", server.Url(), [], body, Long));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task Send_NoAnswerInTime_IsEnded()
    {
        await using var server = new LoopbackServer(_ => null);
        await FailsAsync("AEGIS2166", [server.Entry],
            Get(server.Url()) with { Timeout = TimeSpan.FromMilliseconds(200) });
    }

    [Fact]
    public async Task Send_CancelledByTheCaller_IsACancellation()
    {
        await using var server = new LoopbackServer(_ => null);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await new EgressHttp([server.Entry], null, Redactor.None, EgressDial.BySystem)
                .SendAsync(Get(server.Url()), cancel.Token));
    }

    [Theory]
    [InlineData("no http at all\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")]
    public async Task Send_AnAnswerThatIsNotHttp_SaysSo(string raw)
    {
        await using var server = new LoopbackServer(_ => Encoding.ASCII.GetBytes(raw));
        await FailsAsync("AEGIS2165", [server.Entry], Get(server.Url()));
    }

    [Fact]
    public async Task Send_ResponseHeadersBeyondTheLimit_AreRefused()
    {
        await using var server = new LoopbackServer(_ =>
            LoopbackServer.Ok(headers: $"X-Long: {new string('x', 65 * 1024)}\r\n"));
        var error = await FailsAsync("AEGIS2165", [server.Entry], Get(server.Url()));
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NobodyListens_SaysSo()
    {
        using var port = new DeafPort();
        await FailsAsync("AEGIS2165", [port.Entry], Get(port.Url()));
    }

    private static HttpCall Get(Uri url, params HttpField[] headers) =>
        new("GET", url, [.. headers], default, Long);

    private static async Task<HttpReply> SendAsync(ImmutableArray<string> allow, HttpCall call,
        EgressDial? dial = null, string? secret = null) =>
        await new EgressHttp(allow, null, secret is null ? Redactor.None : new Redactor([secret]),
            dial ?? EgressDial.BySystem).SendAsync(call, CancellationToken.None);

    private static async Task<AegisError> FailsAsync(string code, ImmutableArray<string> allow, HttpCall call,
        EgressDial? dial = null)
    {
        var thrown = await Assert.ThrowsAsync<AegisException>(() => SendAsync(allow, call, dial));
        Assert.True(code == thrown.Error.Code, $"expected {code}, got {thrown.Error}");
        return thrown.Error;
    }
}
