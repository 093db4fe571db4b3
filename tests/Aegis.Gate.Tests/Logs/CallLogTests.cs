using Aegis.Core.Runs;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate.Logs;
using Aegis.Gate.Redaction;
using Aegis.Sandbox;

namespace Aegis.Gate.Tests.Logs;

public sealed class CallLogTests : IDisposable
{
    private static readonly LogKey Key = new(new RunId("run_0001"), "build", 1);
    private readonly string _root = Directory.CreateTempSubdirectory("aegis-logs-").FullName;
    private readonly CallLogs _logs;

    public CallLogTests() => _logs = new CallLogs(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task CompleteAsync_GivesTheHashOfTheRedactedBytesAndArchivesThem()
    {
        var log = _logs.Open(Key, new Redactor(["s3cret-value"]));
        await log.WriteAsync("key=s3cr"u8.ToArray());
        await log.WriteAsync("et-value\n"u8.ToArray());
        var done = await log.CompleteAsync();
        var expected = "key=***\n"u8.ToArray();
        Assert.Equal(new LogRef(Convert.ToHexStringLower(SHA256.HashData(expected)), 8, Redactor.Version),
            done);
        Assert.Equal("key=***\n", await Text(_logs.Reader.ReadAsync(done, 0)));
        Assert.Equal("***\n", await Text(_logs.Reader.ReadAsync(done, 4)));
        Assert.Empty(Directory.GetFiles(_root, "*.log", SearchOption.AllDirectories));
        Assert.Equal(done, await log.CompleteAsync());
    }

    [Fact]
    public async Task Spool_NeverHoldsASecret()
    {
        var log = _logs.Open(Key, new Redactor(["s3cret-value"]));
        foreach (var b in "begin s3cret-value end"u8.ToArray())
        {
            await log.WriteAsync(new[] { b });
            var spool = Directory.GetFiles(_root, "*.log", SearchOption.AllDirectories).Single();
            Assert.DoesNotContain("s3c", await File.ReadAllTextAsync(spool), StringComparison.Ordinal);
        }
        await log.DisposeAsync();
    }

    [Fact]
    public async Task WriteAsync_ASecretAcrossInterleavedChannels_IsMasked()
    {
        var log = _logs.Open(Key, new Redactor(["s3cret-value"]));
        await log.WriteAsync("s3cret-"u8.ToArray());
        await log.WriteAsync("warning\n"u8.ToArray(), OutputChannel.Stderr);
        await log.WriteAsync("value\n"u8.ToArray());
        log.WriteLine("done with s3cret-value");
        var done = await log.CompleteAsync();
        Assert.Equal("warning\n***\ndone with ***\n", await Text(_logs.Reader.ReadAsync(done, 0)));
    }

    [Theory]
    [InlineData(10, "0123456789")]
    [InlineData(11, "0123456789\n[log cut: longer than 10 bytes]\n")]
    public async Task WriteAsync_AtTheLimitAndPast_CutsAndSaysSo(int bytes, string expected)
    {
        var log = new CallLogs(_root, bytesMax: 10).Open(Key, Redactor.None);
        await log.WriteAsync(Encoding.ASCII.GetBytes("0123456789X"[..bytes]));
        await log.WriteAsync(bytes == 11 ? "more"u8.ToArray() : ReadOnlyMemory<byte>.Empty);
        var done = await log.CompleteAsync();
        Assert.Equal(0, done.RedactionVersion);
        Assert.Equal(expected, await Text(_logs.Reader.ReadAsync(done, 0)));
    }

    [Fact]
    public async Task Open_AfterAKill_GoesOnWhereTheSpoolEnds()
    {
        var killed = new CallLogs(_root).Open(Key, Redactor.None);
        await killed.WriteAsync("one\n"u8.ToArray());
        await killed.DisposeAsync();
        Assert.Equal("one\n", await Text(_logs.Reader.FollowAsync(Key.Run, Key.StepId, 1, 0, follow: true)));
        var log = _logs.Open(Key, Redactor.None);
        await log.WriteAsync("two\n"u8.ToArray());
        var done = await log.CompleteAsync();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("one\ntwo\n"u8)), done.Hash);
        Assert.Equal("one\ntwo\n", await Text(
            _logs.Reader.FollowAsync(Key.Run, Key.StepId, 1, 0, follow: true)));
    }

    [Fact]
    public async Task Open_Twice_IsRefusedAndTheFirstGoesOn()
    {
        var log = _logs.Open(Key, Redactor.None);
        Assert.Throws<InvalidOperationException>(() => _logs.Open(Key, Redactor.None));
        await log.WriteAsync("still here"u8.ToArray());
        await log.CompleteAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await log.WriteAsync(new byte[1]));
    }

    [Theory]
    [InlineData("../x", "build", 1)]
    [InlineData("run_1", "a/b", 1)]
    [InlineData("run_1", "..", 1)]
    [InlineData("run_1", "build", 0)]
    public void Open_AKeyThatIsNoFileName_IsRefused(string run, string step, int attempt) =>
        Assert.Throws<ArgumentException>(() =>
            _logs.Open(new LogKey(new RunId(run), step, attempt), Redactor.None));

    [Fact]
    public async Task ReadAsync_UnknownOrGoneOrBehindTheEnd_SaysWhich()
    {
        var log = _logs.Open(Key, Redactor.None);
        await log.WriteAsync("12345"u8.ToArray());
        var done = await log.CompleteAsync();
        var follow = _logs.Reader.FollowAsync(Key.Run, "other", 1, 0, follow: true);
        Assert.Equal("AEGIS2301", await Code(follow));
        Assert.Equal("AEGIS2303", await Code(_logs.Reader.ReadAsync(done, 6)));
        Assert.Equal("", await Text(_logs.Reader.ReadAsync(done, 5)));
        File.Delete(Directory.GetFiles(_root, done.Hash, SearchOption.AllDirectories).Single());
        Assert.Equal("AEGIS2302", await Code(_logs.Reader.ReadAsync(done, 0)));
        Assert.Equal("AEGIS2302", await Code(
            _logs.Reader.FollowAsync(Key.Run, "build", 1, 0, follow: false)));
    }

    internal static async Task<string> Text(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        var all = new MemoryStream();
        await foreach (var piece in pieces)
        {
            all.Write(piece.Span);
        }
        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static async Task<string> Code(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces) =>
        (await Assert.ThrowsAsync<AegisException>(() => Text(pieces))).Error.Code;
}
