using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>Requests that two readers take for different things. None of them reaches the server; the last
/// test shows that the same server answers a plain one.</summary>
public sealed class HostileRequestTests
{
    private const string Post = "POST http://HOST/ HTTP/1.1\r\nHost: HOST\r\n";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET https://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://user:pass@HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.0\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/2.0\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET  http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ x HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/#x HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST?x HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("get http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("TRACE http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost : HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nX: 1\r\n 2\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nX: 1\n\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\nHost: HOST\n\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nX: a\rb\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nno colon\r\n\r\n", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nConnection: Host\r\n\r\n", "AEGIS3100")]
    [InlineData(Post + "Connection: Content-Length\r\nContent-Length: 2\r\n\r\nxx", "AEGIS3100")]
    [InlineData(Post + "Expect: something\r\nContent-Length: 2\r\n\r\nxx", "AEGIS3100")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: other.example\r\n\r\n", "AEGIS3102")]
    [InlineData("GET http://HOST/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "AEGIS3102")]
    [InlineData("CONNECT HOST HTTP/1.1\r\nHost: other.example:443\r\n\r\n", "AEGIS3102")]
    [InlineData("CONNECT 127.0.0.1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "AEGIS3100")]
    [InlineData("CONNECT http://HOST HTTP/1.1\r\nHost: HOST\r\n\r\n", "AEGIS3100")]
    [InlineData("CONNECT 127.0.0.1:65536 HTTP/1.1\r\n\r\n", "AEGIS3100")]
    [InlineData("CONNECT HOST HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\n\r\nx", "AEGIS3101")]
    [InlineData(Post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "AEGIS3101")]
    [InlineData(Post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nxx", "AEGIS3101")]
    [InlineData(Post + "Content-Length: 2, 2\r\n\r\nxx", "AEGIS3101")]
    [InlineData(Post + "Content-Length: +2\r\n\r\nxx", "AEGIS3101")]
    [InlineData(Post + "Content-Length: -1\r\n\r\n", "AEGIS3101")]
    [InlineData(Post + "Content-Length: 0x2\r\n\r\nxx", "AEGIS3101")]
    [InlineData(Post + "Content-Length:\r\n\r\n", "AEGIS3101")]
    [InlineData(Post + "Content-Length: 99999999999999999999\r\n\r\n", "AEGIS3101")]
    [InlineData(Post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "AEGIS3101")]
    [InlineData(Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", "AEGIS3101")]
    [InlineData(Post + "Transfer-Encoding: xchunked\r\n\r\n", "AEGIS3101")]
    public async Task Request_InTwoReadings_IsRefusedAndNeverArrives(string request, string code)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry]);
        var answer = await rig.AskAsync(request.Replace("HOST", server.Entry, StringComparison.Ordinal));
        Assert.Contains($" {code} refused by the egress proxy\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
        Assert.Empty(server.Asked);
        await rig.Proxy.DisposeAsync();
        Assert.Equal(code, Assert.Single(rig.Proxy.Facts).Denied);
    }

    [Theory]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("00000003\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("003;x=\"y\"\r\nabc\r\n0\r\nHost: evil\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n")]
    public async Task Chunks_AreFramedAnew_WithoutExtensionsAndTrailers(string sent, string arrived)
    {
        await using var server = new RawServer("\r\n0\r\n\r\n");
        await using var rig = new ProxyRig([server.Entry]);
        Assert.StartsWith("HTTP/1.1 200", await rig.AskAsync((Post + "Transfer-Encoding: chunked\r\n"
            + "Connection: close\r\n\r\n" + sent).Replace("HOST", server.Entry, StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + arrived, await server.Arrived, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3\nabc\r\n0\r\n\r\n")]
    [InlineData("3\r\nabcd\r\n0\r\n\r\n")]
    [InlineData("0x3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("-3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("000000003\r\nabc\r\n0\r\n\r\n")]
    [InlineData("fffffffff\r\nabc")]
    [InlineData(" 3\r\nabc\r\n0\r\n\r\n")]
    public async Task Chunks_ThatReadInTwoWays_EndTheExchange(string body)
    {
        await using var server = new RawServer("never");
        await using var rig = new ProxyRig([server.Entry]);
        var answer = await rig.AskAsync((Post + "Transfer-Encoding: chunked\r\n\r\n" + body)
            .Replace("HOST", server.Entry, StringComparison.Ordinal));
        Assert.Contains(" AEGIS3100 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatIsPlain_Arrives()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry]);
        Assert.StartsWith("HTTP/1.1 200", await rig.AskAsync((Post
            + "Connection: close\r\nContent-Length: 2\r\n\r\nxx")
            .Replace("HOST", server.Entry, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("xx", Assert.Single(server.Asked).Body);
    }
}
