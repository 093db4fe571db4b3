using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Gate.Logs;
using Aegis.Gate.Redaction;

namespace Aegis.Gate.Tests.Logs;

/// <summary>Memory is measured here, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class LogFollowTests : IDisposable
{
    private static readonly LogKey Key = new(new RunId("run_0002"), "print", 1);
    private readonly string _root = Directory.CreateTempSubdirectory("aegis-follow-").FullName;
    private readonly CallLogs _logs;

    public LogFollowTests() => _logs = new CallLogs(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task FollowAsync_ShowsEachWriteWhileTheCallRunsAndEndsWithIt()
    {
        var log = _logs.Open(Key, Redactor.None);
        await using var follower = Follow(0, follow: true).GetAsyncEnumerator();
        foreach (var line in new[] { "one\n", "two\n", "three\n" })
        {
            var next = follower.MoveNextAsync();
            Assert.False(next.IsCompletedSuccessfully);
            await log.WriteAsync(Encoding.ASCII.GetBytes(line));
            Assert.True(await next);
            Assert.Equal(line, Encoding.ASCII.GetString(follower.Current.Span));
        }
        var last = follower.MoveNextAsync();
        await log.CompleteAsync();
        Assert.False(await last);
    }

    [Fact]
    public async Task FollowAsync_ResumedAtAnOffset_GivesTheRest()
    {
        var log = _logs.Open(Key, Redactor.None);
        await log.WriteAsync("0123456789"u8.ToArray());
        Assert.Equal("456789", await CallLogTests.Text(Follow(4, follow: false)));
        var rest = CallLogTests.Text(Follow(10, follow: true));
        await log.WriteAsync("abc"u8.ToArray());
        await log.CompleteAsync();
        Assert.Equal("abc", await rest);
        Assert.Equal("9abc", await CallLogTests.Text(Follow(9, follow: true)));
    }

    [Fact]
    public async Task FollowAsync_Cancelled_Ends()
    {
        var log = _logs.Open(Key, Redactor.None);
        using var cancel = new CancellationTokenSource();
        var reading = CallLogTests.Text(
            _logs.Reader.FollowAsync(Key.Run, Key.StepId, 1, 0, true, cancel.Token));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await log.DisposeAsync();
    }

    [Fact]
    public async Task FollowAsync_ManyFollowersAndWriters_EachSeesTheSameBytes()
    {
        for (var round = 0; round < 20; round++)
        {
            var key = Key with { Attempt = round + 1 };
            var log = _logs.Open(key, Redactor.None);
            var followers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallLogTests.Text(
                _logs.Reader.FollowAsync(key.Run, key.StepId, key.Attempt, 0, true)))).ToArray();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    await log.WriteAsync(Encoding.ASCII.GetBytes($"{w}:{i}\n"));
                }
            })));
            var done = await log.CompleteAsync();
            var whole = await CallLogTests.Text(_logs.Reader.ReadAsync(done, 0));
            Assert.Equal(800, whole.Count(c => c == '\n'));
            Assert.All(await Task.WhenAll(followers), text => Assert.Equal(whole, text));
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task WriteAsync_OneGigabyteWithAFollower_MovesMemoryByLessThan50MB()
    {
        const long Total = 1L << 30;
        var chunk = Chunk();
        var log = _logs.Open(Key, new Redactor(["s3cret-value", "another-0ne-here"]));
        await log.WriteAsync(chunk);
        var before = Resident();
        var highest = 0L;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var seen = Task.Run(async () =>
        {
            long bytes = 0;
            await foreach (var piece in Follow(0, follow: true))
            {
                hash.AppendData(piece.Span);
                bytes += piece.Length;
            }
            return bytes;
        });
        for (long written = chunk.Length; written < Total; written += chunk.Length)
        {
            await log.WriteAsync(chunk);
            if (written % (64 << 20) == 0)
            {
                highest = Math.Max(highest, Resident());
            }
        }
        var done = await log.CompleteAsync();
        Assert.Equal(done.Bytes, await seen);
        Assert.Equal(done.Hash, Convert.ToHexStringLower(hash.GetHashAndReset()));
        highest = Math.Max(highest, Resident());
        Assert.True(highest - before < 50L << 20, $"{(highest - before) >> 20} MiB");
    }

    private IAsyncEnumerable<ReadOnlyMemory<byte>> Follow(long offset, bool follow) =>
        _logs.Reader.FollowAsync(Key.Run, Key.StepId, Key.Attempt, offset, follow);

    private static byte[] Chunk()
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < 64 * 1024; i++)
        {
            text.Append($"{i:D6} compiling src/module-{i % 97}.c with s3cret-value and https://host/x\n");
        }
        return Encoding.ASCII.GetBytes(text.ToString(0, 64 * 1024));
    }

    private static long Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
