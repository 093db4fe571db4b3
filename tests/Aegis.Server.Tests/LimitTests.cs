using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Server.Runs;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Each limit of docs/api.md at its edge and one past it.</summary>
[Collection(ServerGroup.Name)]
public sealed class LimitTests(ServerFixture server)
{
    [Fact]
    public async Task Body_OfTwoMebibytes_IsRead_AndOneByteMoreIsNot()
    {
        var (fits, _) = await server.SendAsync(
            "POST", "/v1/plans:create", server.AcmeKey, PlanOf(2 * 1024 * 1024));
        Assert.Equal(HttpStatusCode.Created, fits);
        var (status, problem) =
            await server.SendAsync("POST", "/v1/plans:create", server.AcmeKey, PlanOf((2 * 1024 * 1024) + 1));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Equal("AEGIS6031", problem.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(0, HttpStatusCode.Created)]
    [InlineData(1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData((int)DoorLimits.DroppedBytesMax, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Body_OfUnknownLength_IsCutAtTheLimitToo(int more, HttpStatusCode expected)
    {
        using var request = server.Request("POST", "/v1/plans:create", server.AcmeKey);
        request.Content = new StreamContent(
            new MemoryStream(Encoding.UTF8.GetBytes(PlanOf((int)DoorLimits.BodyBytesMax + more))));
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = true;
        Assert.Equal(expected, (await server.SendAsync(request)).Status);
    }

    /// <summary>A client that sends all of its body before it reads gets the answer; the one whose body is
    /// longer than what is dropped finds the connection cut.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(DoorLimits.DroppedBytesMax, true)]
    [InlineData(DoorLimits.DroppedBytesMax + (64 * 1024 * 1024), false)]
    public async Task Body_TooLarge_IsDroppedSoThatItsSenderReadsTheAnswer(long more, bool isAnswered)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Server.Url.Host, server.Server.Url.Port);
        var stream = client.GetStream();
        var rest = DoorLimits.BodyBytesMax + more;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/plans:create HTTP/1.1\r\nHost: localhost\r\n"
            + $"Authorization: Bearer {server.AcmeKey}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {rest}\r\n\r\n"));
        var piece = new byte[64 * 1024];
        var send = async () =>
        {
            for (; rest > 0; rest -= piece.Length)
            {
                await stream.WriteAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, rest)));
            }
        };
        if (!isAnswered)
        {
            await Assert.ThrowsAsync<IOException>(send);
            return;
        }
        await send();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("/v1/runs?limit=1", 200)]
    [InlineData("/v1/runs?limit=200", 200)]
    [InlineData("/v1/runs?limit=0", 400)]
    [InlineData("/v1/runs?limit=201", 400)]
    [InlineData("/v1/runs?limit=x", 400)]
    [InlineData("/v1/runs?limit=5&limit=6", 400)]
    [InlineData("/v1/runs?status=bogus", 400)]
    [InlineData("/v1/runs?cursor=AAAA", 400)]
    [InlineData("/v1/runs?cursor=!", 400)]
    public async Task Page_Bounds(string path, int expected) =>
        Assert.Equal(expected, (int)(await server.SendAsync("GET", path, server.AcmeKey)).Status);

    [Theory]
    [InlineData(1024, 202)]
    [InlineData(1025, 400)]
    public async Task CancelReason_Bounds(int length, int expected)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        var body = $$"""{"reason":"{{new string('r', length)}}"}""";
        Assert.Equal(expected,
            (int)(await server.SendAsync("POST", $"/v1/runs/{run}:cancel", server.AcmeKey, body)).Status);
    }

    [Theory]
    [InlineData(255, 201)]
    [InlineData(256, 400)]
    public async Task FileName_Bounds(int length, int expected)
    {
        var body = $$"""{"workflow":"x","file_name":"{{new string('f', length)}}"}""";
        Assert.Equal(
            expected, (int)(await server.SendAsync("POST", "/v1/plans:create", server.AcmeKey, body)).Status);
    }

    [Theory]
    [InlineData(32, 100, 201)]
    [InlineData(33, 100, 400)]
    [InlineData(0, 100, 400)]
    [InlineData(1, 101, 400)]
    [InlineData(1, 0, 400)]
    public async Task Key_Bounds(int scopes, int name, int expected)
    {
        var list = string.Join(',', Enumerable.Range(0, scopes).Select(i => $"\"tools:t{i}\""));
        var body = $$"""{"name":"{{new string('n', name)}}","scopes":[{{list}}],"project":"web"}""";
        Assert.Equal(
            expected, (int)(await server.SendAsync("POST", "/v1/keys", server.AcmeKey, body)).Status);
    }

    [Theory]
    [InlineData(64, 200)]
    [InlineData(65, 400)]
    public async Task ProfileFiles_Bounds(int files, int expected)
    {
        var list = string.Join(',', Enumerable.Range(0, files).Select(i => $"\"f{i}\":\"\""));
        var body = "{\"yaml\":\"x\",\"files\":{" + list + "}}";
        Assert.Equal(
            expected, (int)(await server.SendAsync("PUT", "/v1/profile", server.AcmeKey, body)).Status);
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("")]
    public async Task ProfileFileNames_ThatLeave_AreRefused(string name)
    {
        var body = "{\"yaml\":\"x\",\"files\":{\"" + name + "\":\"\"}}";
        Assert.Equal(HttpStatusCode.BadRequest,
            (await server.SendAsync("PUT", "/v1/profile", server.AcmeKey, body)).Status);
    }

    [Fact]
    public void OpenStreams_ServerAndProject_EachHaveAnEdge()
    {
        var (one, two) = (new Ledger.Tenants.TenancyKeys(1, 1), new Ledger.Tenants.TenancyKeys(1, 2));
        var streams = new OpenStreams(max: 3, perProjectMax: 2);
        var first = streams.Take(one);
        var second = streams.Take(one);
        Assert.Throws<Core.Errors.AegisException>(() => streams.Take(one));
        var third = streams.Take(two);
        var full = Assert.Throws<Core.Errors.AegisException>(() => streams.Take(two));
        Assert.Equal("AEGIS6034", full.Error.Code);
        first.Dispose();
        first.Dispose();
        Assert.Equal(2, streams.Count);
        streams.Take(two).Dispose();
        second.Dispose();
        third.Dispose();
        Assert.Equal(0, streams.Count);
    }

    private static string PlanOf(int bytes)
    {
        const string frame = """{"workflow":""}""";
        return $$"""{"workflow":"{{new string('w', bytes - frame.Length)}}"}""";
    }
}
