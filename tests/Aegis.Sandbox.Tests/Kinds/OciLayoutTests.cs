using System.Formats.Tar;
using Aegis.Core.Errors;
using Aegis.Tests.Shared;
using static Aegis.Tests.Shared.LayoutWriter;

namespace Aegis.Sandbox.Tests.Kinds;

/// <summary>An OCI layout is a stranger's: what lies, leaves its root or goes through a link is refused, and
/// leaves nothing behind.</summary>
public sealed class OciLayoutTests : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("aegis-oci-tests-").FullName;
    private int made;

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public async Task Layers_OverOneAnother_AreTheImage()
    {
        var root = await AddAsync(New()
            .Layer(Dir("a"), Text("a/old"), Text("a/kept"), Text("b/gone"), Text("c/lower"), Dir("d"),
                Text("f"))
            .Layer(Text("a/.wh.old", ""), Text(".wh.b", ""), Text("c/.wh..wh..opq", ""), Text("c/upper",
                "new"),
                HardLink("a/hard", "a/kept"), Link("a/link", "../../../etc/shadow"), Link("d", "a"),
                Text("f", "replaced")));
        Assert.Equal(["a/hard", "a/kept", "a/link", "c/upper", "d", "f"],
            Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions
            {
                RecurseSubdirectories = false,
                AttributesToSkip = 0,
            }).SelectMany(p => Directory.Exists(p) && new FileInfo(p).LinkTarget is null
                ? Directory.EnumerateFileSystemEntries(p) : [p])
                .Select(p => Path.GetRelativePath(root, p)).Where(p => !p.StartsWith("app/")
                    && !p.StartsWith("run/"))
                .Order(StringComparer.Ordinal));
        Assert.Equal(("replaced", "../../../etc/shadow", "text"), (File.ReadAllText(root + "/f"),
            new FileInfo(root + "/a/link").LinkTarget, File.ReadAllText(root + "/a/hard")));
    }

    [Fact]
    public async Task SetuidBit_OfAFile_IsLeftOut()
    {
        var root = await AddAsync(New().Layer(Text("su", [1], 0x9ED), Text("plain", [1], 0x1ED)));
        Assert.Equal(File.GetUnixFileMode(root + "/plain"), File.GetUnixFileMode(root + "/su"));
    }

    public static TheoryData<string, TarEntry[]> Slips() => new()
    {
        { "parent", [Text("../slipped")] },
        { "parent in the middle", [Text("a/../../slipped")] },
        { "absolute", [Text("/slipped")] },
        { "through a link", [Link("out", "HOME"), Text("out/slipped")] },
        { "through a link to a link", [Dir("d"), Link("d/up", ".."), Link("d/out", "HOME"),
            Text("d/out/slipped")] },
        { "a folder through a link", [Link("out", "HOME"), Dir("out/slipped")] },
        { "hard link outside", [HardLink("slipped", "../secret")] },
        { "hard link through a link", [Link("out", "HOME"), HardLink("slipped", "out/secret")] },
        { "hard link to a link", [Link("out", "HOME/secret"), HardLink("slipped", "out")] },
        { "whiteout outside", [Link("out", "HOME"), Text("out/.wh.secret", "")] },
        { "whiteout of the parent", [Text("a/.wh...", "")] },
        { "opaque through a link", [Link("out", "HOME"), Text("out/.wh..wh..opq", "")] },
        { "device", [new PaxTarEntry(TarEntryType.BlockDevice, "slipped") { DeviceMajor = 8 }] },
        { "fifo", [new PaxTarEntry(TarEntryType.Fifo, "slipped")] },
        { "empty link", [Link("slipped", new string('x', OciLimits.LinkBytesMax + 1))] },
        { "too deep", [Text(string.Join('/', Enumerable.Repeat("d", OciLimits.PathDepthMax + 1)))] },
    };

    [Theory]
    [MemberData(nameof(Slips))]
    public async Task Entry_ThatLeavesTheRoot_IsRefused(string what, TarEntry[] entries)
    {
        File.WriteAllText(Path.Combine(home, "secret"), "kept");
        foreach (var entry in entries.Where(e => e.EntryType == TarEntryType.SymbolicLink))
        {
            entry.LinkName = entry.LinkName.Replace("HOME", home, StringComparison.Ordinal);
        }
        var error = await Assert.ThrowsAsync<AegisException>(() => AddAsync(New().Layer(entries)));
        Assert.True(error.Error.Code == "AEGIS3203", what);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(home, "secret")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(home, "slipped", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(home, "images")));
    }

    [Theory]
    [InlineData("parent")]
    [InlineData("through a link")]
    public async Task Entry_ThatLeavesTheRoot_WouldLeaveItByANaiveReader(string what)
    {
        // the control: the same entries, written one after the other where their names say
        var root = Directory.CreateDirectory(Path.Combine(home, "naive")).FullName;
        foreach (var entry in Slips().Single(s => (string)s[0] == what)[1] as TarEntry[] ?? [])
        {
            var path = Path.Combine(root, entry.Name);
            if (entry.EntryType == TarEntryType.SymbolicLink)
            {
                File.CreateSymbolicLink(path, entry.LinkName.Replace("HOME", home, StringComparison.Ordinal));
            }
            else
            {
                File.WriteAllText(path, "slipped");
            }
        }
        Assert.True(File.Exists(Path.Combine(home, "slipped")));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Path_AtItsDepth_IsTaken()
    {
        var deep = string.Join('/', Enumerable.Repeat("d", OciLimits.PathDepthMax));
        Assert.True(File.Exists(Path.Combine(await AddAsync(New().Layer(Text(deep))), deep)));
    }

    [Fact]
    public async Task Link_AtItsLength_IsTaken()
    {
        var root = await AddAsync(New().Layer(Link("l", new string('x', OciLimits.LinkBytesMax))));
        Assert.Equal(OciLimits.LinkBytesMax, new FileInfo(root + "/l").LinkTarget!.Length);
    }

    [Fact]
    public async Task Path_AtItsLengthAndPast()
    {
        var path = string.Join('/', Enumerable.Repeat(new string('d', 255), 11)) + "/";
        path = (path + new string('e', 200) + "/").PadRight(OciLimits.PathBytesMax, 'f');
        Assert.True(File.Exists(Path.Combine(await AddAsync(New().Layer(Text(path))), path)));
        await RefusedAsync(New().Layer(Text(path + "f")).Write(), "a path");
    }

    [Theory]
    [InlineData(OciLimits.DocumentBytesMax, false)]
    [InlineData(OciLimits.DocumentBytesMax + 1, true)]
    public async Task Document_AtItsSizeAndPast(int bytes, bool refuses)
    {
        var layout = New().Layer(Text("f")).Write();
        var index = Path.Combine(layout, "index.json");
        File.WriteAllText(index, File.ReadAllText(index).PadRight(bytes));
        if (refuses)
        {
            await RefusedAsync(layout, "index.json");
            return;
        }
        await new ImageShelf(Path.Combine(home, "images")).AddAsync("image", layout);
        Assert.True(File.Exists(Path.Combine(home, "images/image/root/f")));
    }

    [Fact]
    public async Task Layer_WithOtherBytes_IsRefused()
    {
        var layout = New().Layer(Text("f")).Write();
        var layer = new DirectoryInfo(Path.Combine(layout, "blobs/sha256")).GetFiles()
            .First(f => File.ReadAllBytes(f.FullName).AsSpan().StartsWith(new byte[] { 0x1F, 0x8B }));
        var bytes = File.ReadAllBytes(layer.FullName);
        // a byte of the gzip header that no reader looks at
        bytes[4] ^= 1;
        File.WriteAllBytes(layer.FullName, bytes);
        await RefusedAsync(layout, "a layer");
    }

    [Fact]
    public async Task Manifest_WithOtherBytes_IsRefused()
    {
        var layout = New().Layer(Text("f")).Write();
        var manifest = new DirectoryInfo(Path.Combine(layout, "blobs/sha256")).GetFiles()
            .First(f => File.ReadAllText(f.FullName).Contains("\"layers\":[", StringComparison.Ordinal));
        var text = File.ReadAllText(manifest.FullName);
        File.WriteAllText(manifest.FullName, text.Replace("Version\":2", "Version\":3",
            StringComparison.Ordinal));
        await RefusedAsync(layout, "a document");
    }

    [Theory]
    [InlineData("sha256:../../secret")]
    [InlineData("sha512:00")]
    [InlineData("sha256:AB")]
    public async Task Digest_ThatIsNoDigest_IsRefused(string digest)
    {
        var layout = New().Layer(Text("f")).Write();
        var index = Path.Combine(layout, "index.json");
        File.WriteAllText(index, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(index),
            "sha256:[0-9a-f]{64}", digest));
        await RefusedAsync(layout, "a digest");
    }

    [Fact]
    public async Task Blob_ThatIsALink_IsRefused()
    {
        var layout = New().Layer(Text("f")).Write();
        var blob = Directory.GetFiles(Path.Combine(layout, "blobs/sha256"))[0];
        File.Move(blob, Path.Combine(home, "moved"));
        File.CreateSymbolicLink(blob, Path.Combine(home, "moved"));
        await RefusedAsync(layout, "blob");
    }

    [Fact]
    public async Task LayerType_ThatNobodyReads_IsRefused() => await RefusedAsync(
        new LayoutWriter(Path.Combine(home, $"layout-{made++}"))
        {
            LayerType = "application/vnd.oci.image.layer.v1.tar+zstd",
        }.Layer(Text("f")).Write(), "a layer");

    [Fact]
    public async Task Layers_PastTheirNumber_AreRefused()
    {
        var layout = New();
        for (var i = 0; i < OciLimits.LayersMax; i++)
        {
            layout.Layer(Text($"f{i}"));
        }
        await AddAsync(layout);
        await RefusedAsync(layout.Layer(Text("one-more")).Write(), "its layers");
    }

    [Theory]
    [InlineData(4, 1_000, 1 << 20, null)]
    [InlineData(3, 1_000, 1 << 20, "its entries")]
    [InlineData(4, 999, 1 << 20, "its bytes")]
    [InlineData(4, 1_000, 2_000, "a layer")]
    public async Task Image_AtItsEntriesAndBytesAndPast(int entries, int bytes, int archive, string? refused)
    {
        // over two layers: all of them count together
        var layout = New().Layer(Dir("d"), Text("d/one", new byte[600])).Layer(Text("two", new byte[400]),
            Link("l", "two")).Write();
        var images = Path.Combine(home, "images");
        var shelf = new ImageShelf(images, new UnpackLimits(entries, bytes, archive));
        if (refused is null)
        {
            await shelf.AddAsync("image", layout);
            Assert.Equal(400, new FileInfo(Path.Combine(images, "image/root/two")).Length);
            return;
        }
        var error = await Assert.ThrowsAsync<AegisException>(() => shelf.AddAsync("image", layout));
        Assert.Equal("AEGIS3203", error.Error.Code);
        Assert.Contains(refused, error.Error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(images));
    }

    [Fact]
    public void Limits_OfAnImage_AreTheProductsUnlessATestSaysOthers() => Assert.Equal(
        new UnpackLimits(OciLimits.EntriesMax, OciLimits.UnpackedBytesMax, OciLimits.UnpackedBytesMax),
        new UnpackLimits());

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    [InlineData("a/b")]
    public async Task Name_ThatIsNoId_IsRefused(string name)
    {
        var error = await Assert.ThrowsAsync<AegisException>(() =>
            new ImageShelf(Path.Combine(home, "images")).AddAsync(name, New().Layer(Text("f")).Write()));
        Assert.Equal("AEGIS3203", error.Error.Code);
    }

    private LayoutWriter New() => new(Path.Combine(home, $"layout-{made++}"));

    private async Task RefusedAsync(string layout, string what)
    {
        var error = await Assert.ThrowsAsync<AegisException>(() =>
            new ImageShelf(Path.Combine(home, "images")).AddAsync("image", layout));
        Assert.Equal("AEGIS3203", error.Error.Code);
        Assert.Contains(what, error.Error.Message, StringComparison.Ordinal);
    }

    private async Task<string> AddAsync(LayoutWriter layout)
    {
        await new ImageShelf(Path.Combine(home, "images")).AddAsync("image", layout.Write());
        return Path.Combine(home, "images", "image", "root");
    }
}
