using System.Text;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>The limits of one request and its answer, each at the limit and one past it.</summary>
public sealed class MessageLimitTests
{
    [Fact]
    public async Task Head_AtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry]);
        var start = $"GET http://{server.Entry}/ HTTP/1.1\r\nHost: {server.Entry}\r\n"
            + "Connection: close\r\nX: ";
        var atLimit = start + new string('x', HttpHead.BytesMax - start.Length - 4);
        Assert.StartsWith("HTTP/1.1 200", await rig.AskAsync(atLimit + "\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 AEGIS3103", await rig.AskAsync(atLimit + "x\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task Headers_AtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry]);
        // Host and Connection are two of them
        var fields = string.Concat(Enumerable.Range(0, HttpHead.FieldsMax - 2).Select(i => $"X-{i}: 1\r\n"));
        Assert.StartsWith("HTTP/1.1 200", await rig.GetAsync($"http://{server.Entry}/", fields),
            StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 AEGIS3103",
            await rig.GetAsync($"http://{server.Entry}/", fields + "Y: 1\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_AtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry]);
        var start = $"http://{server.Entry}/";
        var atLimit = start + new string('x', ProxyRequest.TargetCharsMax - start.Length);
        Assert.StartsWith("HTTP/1.1 200", await rig.GetAsync(atLimit), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 AEGIS3103", await rig.GetAsync(atLimit + "x"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Method_AtTheLimitAndPast()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        await using var rig = new ProxyRig([server.Entry]);
        var method = new string('M', ProxyRequest.MethodCharsMax);
        Assert.StartsWith("HTTP/1.1 200", await rig.GetAsync($"http://{server.Entry}/", method: method),
            StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 AEGIS3100",
            await rig.GetAsync($"http://{server.Entry}/", method: method + "M"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "200")]
    [InlineData(1, "400 AEGIS3100")]
    public async Task ChunkLineAndTrailers_AtTheLimitAndPast(int past, string status)
    {
        await using var server = new RawServer("\r\n0\r\n\r\n");
        await using var rig = new ProxyRig([server.Entry]);
        var head = $"POST http://{server.Entry}/ HTTP/1.1\r\nHost: {server.Entry}\r\nConnection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n";
        var line = "1;" + new string('x', BodyRelay.ChunkLineBytesMax - 2 + past);
        Assert.StartsWith($"HTTP/1.1 {status}", await rig.AskAsync($"{head}{line}\r\na\r\n0\r\n\r\n"),
            StringComparison.Ordinal);
        await using var again = new RawServer("\r\n0\r\n\r\n");
        await using var other = new ProxyRig([again.Entry]);
        var trailers = string.Concat(Enumerable.Repeat("T: 1\r\n", BodyRelay.TrailerLinesMax + past));
        Assert.StartsWith($"HTTP/1.1 {status}", await other.AskAsync(
            head.Replace(server.Entry, again.Entry, StringComparison.Ordinal)
            + $"1\r\na\r\n0\r\n{trailers}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "200")]
    [InlineData(1, "502 AEGIS3110")]
    public async Task InterimHeads_AtTheLimitAndPast(int past, string status)
    {
        var interim = string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n",
            AnswerRelay.InterimMax + past));
        await using var server = new LoopbackServer(_ =>
            [.. Encoding.ASCII.GetBytes(interim), .. LoopbackServer.Ok("x")]);
        await using var rig = new ProxyRig([server.Entry]);
        Assert.StartsWith($"HTTP/1.1 {status}", await rig.GetAsync($"http://{server.Entry}/"),
            StringComparison.Ordinal);
    }
}
