using System.Net;
using System.Text;
using Aegis.Client;
using Aegis.Server.Runs;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class LogDoorTests(ServerFixture server)
{
    private static readonly byte[] Whole = Encoding.UTF8.GetBytes("añ€😀 end\n");

    [Fact]
    public async Task Log_ComesByteForByteFromAnOffset()
    {
        var run = await LoggedAsync([Whole]);
        using var client = new AegisClient(server.Server.Url.ToString(), server.AcmeKey);
        await using var log = await client.ReadLogAsync(run, "build", 3);
        using var read = new MemoryStream();
        await log.CopyToAsync(read);
        Assert.Equal(Whole[3..], read.ToArray());
    }

    [Fact]
    public async Task Log_Followed_NeverCutsACharacter_AndItsOffsetsResume()
    {
        // one byte a piece: every character of more than one byte is cut by the pieces
        var run = await LoggedAsync([.. Whole.Select(b => new[] { b })]);
        using var client = new AegisClient(server.Server.Url.ToString(), server.AcmeKey);
        var chunks = new List<LogChunk>();
        await foreach (var chunk in client.FollowLogAsync(run, "build"))
        {
            chunks.Add(chunk);
        }
        Assert.Equal(Encoding.UTF8.GetString(Whole), string.Concat(chunks.Select(c => c.Text)));
        foreach (var offset in chunks.Select(c => c.Offset).Distinct())
        {
            var rest = new StringBuilder();
            await foreach (var chunk in client.FollowLogAsync(run, "build", offset))
            {
                rest.Append(chunk.Text);
            }
            Assert.Equal(Encoding.UTF8.GetString(Whole[(int)offset..]), rest.ToString());
        }
    }

    [Fact]
    public async Task Log_OfAStepThatHasNotBegun_Or_IsUnknown_Is404()
    {
        var run = await LoggedAsync([Whole]);
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync("GET", $"/v1/runs/{run}/tasks/test/log", server.AcmeKey)).Status);
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync("GET", $"/v1/runs/{run}/tasks/nostep/log", server.AcmeKey)).Status);
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync(
            "GET", $"/v1/runs/{run}/tasks/build/log?attempt=2", server.AcmeKey)).Status);
    }

    [Fact]
    public async Task Log_RefusedByTheReader_IsAProblemEvenWhenFollowed()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        using var client = new AegisClient(server.Server.Url.ToString(), server.AcmeKey);
        var refused = await Assert.ThrowsAsync<AegisApiException>(async () =>
        {
            await foreach (var _ in client.FollowLogAsync(run, "build"))
            {
            }
        });
        Assert.Equal("AEGIS2301", refused.Problem.Code);
    }

    [Fact]
    public void TextCutter_AnyCutOfAnyText_GivesTheTextBack()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, 20).Select(_ => char.ConvertFromUtf32(
                random.Next(4) switch { 0 => random.Next(1, 0x80), 1 => 0xE9, 2 => 0x20AC, _ => 0x1F600 })));
            var bytes = Encoding.UTF8.GetBytes(text);
            var cutter = new TextCutter(0);
            var got = new StringBuilder();
            for (var at = 0; at < bytes.Length;)
            {
                var size = Math.Min(random.Next(1, 6), bytes.Length - at);
                got.Append(cutter.Take(bytes.AsSpan(at, size)));
                at += size;
                Assert.Equal(Encoding.UTF8.GetString(bytes[..(int)cutter.Offset]), got.ToString());
            }
            Assert.Equal(text, got.ToString());
        }
    }

    private async Task<string> LoggedAsync(byte[][] pieces)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunStarted", "{}");
        server.Engine.Logs[(run, "build", 1)] = pieces;
        return run;
    }
}
