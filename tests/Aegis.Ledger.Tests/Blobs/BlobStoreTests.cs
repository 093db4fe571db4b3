using System.Security.Cryptography;
using System.Text;
using Aegis.Blobs;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Blobs;

public sealed class BlobStoreTests
{
    private readonly string _root = Path.Combine(TestHome.Make(), "blobs");

    [Fact]
    public async Task Complete_Content_IsReadBackByItsHash()
    {
        var store = new BlobStore(_root);
        var blob = await StoreAsync(store, "acme/web", "hello");

        Assert.Equal(new BlobRef(Hex("hello"), 5), blob);
        Assert.Equal("hello", Read(store.OpenRead("acme/web", blob, verify: true)));
        Assert.True(store.Exists("acme/web", blob));
        Assert.False(store.Exists("other", blob));
        Assert.Equal(BlobFault.Missing,
            Assert.Throws<BlobException>(() => store.OpenRead("other", blob)).Fault);
    }

    [Fact]
    public async Task Complete_EmptyAndRepeatedContent_AreStored()
    {
        var store = new BlobStore(_root);
        var empty = await StoreAsync(store, "acme", "");
        Assert.Equal(new BlobRef(Hex(""), 0), empty);
        Assert.Equal("", Read(store.OpenRead("acme", empty, verify: true)));
        Assert.Equal(await StoreAsync(store, "acme", "twice"), await StoreAsync(store, "acme", "twice"));
        Assert.Equal(2, Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task Dispose_BeforeComplete_LeavesNothing()
    {
        var store = new BlobStore(_root);
        await using (var writer = store.CreateWriter("acme"))
        {
            await writer.WriteAsync("half"u8.ToArray());
        }
        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Open_AfterAKill_RemovesUnfinishedAndKeepsWhole()
    {
        var first = new BlobStore(_root);
        var whole = await StoreAsync(first, "acme", "whole");
        var killed = first.CreateWriter("acme");
        await killed.WriteAsync("half"u8.ToArray());
        killed.Flush();
        Assert.Equal(2, Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Count());

        var second = new BlobStore(_root);

        Assert.Equal("whole", Read(second.OpenRead("acme", whole)));
        Assert.Single(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Write_AtTheBoundAndOnePast_OnlyTheFirstIsTaken()
    {
        var store = new BlobStore(_root);
        await using var writer = store.CreateWriter("acme", bytesMax: 4);
        await writer.WriteAsync("1234"u8.ToArray());
        var error = await Assert.ThrowsAsync<BlobException>(() =>
            writer.WriteAsync("5"u8.ToArray()).AsTask());
        Assert.Equal(BlobFault.TooLarge, error.Fault);
        Assert.Equal(4, (await writer.CompleteAsync(CancellationToken.None)).Bytes);
    }

    [Theory]
    [InlineData("hellx")]
    [InlineData("hello!")]
    public async Task OpenRead_ChangedOnDisk_IsNoticed(string changed)
    {
        var store = new BlobStore(_root);
        var blob = await StoreAsync(store, "acme", "hello");
        var file = Directory.EnumerateFiles(_root, blob.Hash, SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(file, changed);

        var error = Assert.Throws<BlobException>(() => Read(store.OpenRead("acme", blob, verify: true)));

        Assert.Equal(BlobFault.Damaged, error.Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("acme/..")]
    [InlineData("/etc")]
    [InlineData("a/b/c")]
    [InlineData(".unfinished")]
    [InlineData("acme\n")]
    public void CreateWriter_FolderOutsideTheRule_IsRefused(string folder) =>
        Assert.Throws<ArgumentException>(() => new BlobStore(_root).CreateWriter(folder));

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("ABCDEF")]
    [InlineData("")]
    public void OpenRead_HashOutsideTheRule_IsRefused(string hash) =>
        Assert.Throws<ArgumentException>(() => new BlobStore(_root).OpenRead("acme", new BlobRef(hash, 1)));

    [Fact]
    public async Task Write_64MiB_StaysInBoundedMemory()
    {
        var store = new BlobStore(_root);
        var piece = RandomNumberGenerator.GetBytes(64 * 1024);
        await using var writer = store.CreateWriter("acme");
        await writer.WriteAsync(piece);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i < 1024; i++)
        {
            writer.Write(piece);
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(64L * 1024 * 1024, (await writer.CompleteAsync(CancellationToken.None)).Bytes);
        Assert.True(allocated < 1024 * 1024, $"{allocated} bytes were allocated");
    }

    [Fact]
    public async Task Delete_Content_IsGone()
    {
        var store = new BlobStore(_root);
        var blob = await StoreAsync(store, "acme", "personal");
        Assert.True(store.Delete("acme", blob));
        Assert.False(store.Exists("acme", blob));
        Assert.False(store.Delete("acme", blob));
    }

    private static async Task<BlobRef> StoreAsync(BlobStore store, string folder, string text)
    {
        await using var writer = store.CreateWriter(folder);
        await writer.WriteAsync(Encoding.UTF8.GetBytes(text));
        return await writer.CompleteAsync(CancellationToken.None);
    }

    private static string Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Hex(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
