using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.FileHashes;

namespace Aegis.Files.Tests;

public sealed class WorkspaceFileHashesTests : IDisposable
{
    private const string Nothing = "";

    private readonly string folder = Directory.CreateTempSubdirectory("aegis-files-").FullName;
    private readonly string outside = Directory.CreateTempSubdirectory("aegis-outside-").FullName;

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        Directory.Delete(outside, recursive: true);
    }

    [Fact]
    public void HashOf_ChosenFiles_IsTheHashOfTheirHashesInOrder()
    {
        Write("b/two", "2");
        Write("b.txt", "3");
        Write("a/one", "1");
        // the folder b comes before the file b.txt
        Assert.Equal(Sum("1", "2", "3"), HashOf("**").Hash);
        Assert.Equal(Sum("2", "1"), HashOf("b/**", "a/**").Hash);
        Assert.Equal(Sum("3"), HashOf("b.txt").Hash);
        Assert.Equal(Sum("1"), HashOf("**\n!b*\n# a comment").Hash);
        Assert.Equal(Nothing, HashOf("*.md").Hash);
        Assert.Equal(Nothing, HashOf("").Hash);
    }

    [Fact]
    public void HashOf_WhatLeadsOutside_IsNotChosen()
    {
        File.WriteAllText(Path.Combine(outside, "secret"), "s");
        Write("in", "1");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), Path.Combine(outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(folder, "inner"), "in");
        Directory.CreateSymbolicLink(Path.Combine(folder, "door"), outside);
        Assert.Equal(Sum("1"), HashOf("**").Hash);
        Assert.Equal(Nothing, HashOf("link", "inner", "door", "door/secret", "door/**").Hash);
        Assert.Equal(Nothing, HashOf($"{outside}/**").Hash);
        Assert.Equal(Sum("1"), HashOf($"{folder}/in").Hash);
        Assert.Equal("AEGIS1097", HashOf("../*").Error?.Code);
    }

    /// <summary>The race: a folder is one moment the workspace's, the next a link out of it.</summary>
    [Fact]
    public void HashOf_WhileAFolderIsSwappedForALink_NeverHashesWhatIsOutside()
    {
        const int rounds = 300;
        File.WriteAllText(Path.Combine(outside, "f"), "secret");
        Write("d/f", "own");
        var (d, kept) = (Path.Combine(folder, "d"), Path.Combine(folder, "kept"));
        var over = false;
        var swapping = new Thread(() =>
        {
            while (!Volatile.Read(ref over))
            {
                Directory.Move(d, kept);
                Directory.CreateSymbolicLink(d, outside);
                File.Delete(d);
                Directory.Move(kept, d);
            }
        });
        swapping.Start();
        var (hashes, naive) = (new HashSet<string?>(), 0);
        for (var i = 0; i < rounds || (naive == 0 && i < 100_000); i++)
        {
            hashes.Add(HashOf("d/f").Hash);
            naive += ReadsSecret(Path.Combine(d, "f")) ? 1 : 0;
        }
        Volatile.Write(ref over, true);
        swapping.Join();
        Assert.Subset(new HashSet<string?> { Sum("own"), Nothing, null }, hashes);
        // the control: who looks the path up anew for each step reads what is outside
        Assert.NotEqual(0, naive);
    }

    private static bool ReadsSecret(string path)
    {
        try
        {
            return File.ReadAllText(path) == "secret";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [Fact]
    public void HashOf_WorkspaceReachedByALink_IsThatFolder()
    {
        Write("in", "1");
        var link = Path.Combine(outside, "way");
        Directory.CreateSymbolicLink(link, folder);
        Assert.Equal(Sum("1"), Hashes(link, new FileHashLimits()).HashOf(["in"]).Hash);
    }

    [Fact]
    public void HashOf_PipesAndSockets_ArePassedOver()
    {
        Assert.Equal(0, mkfifo(Path.Combine(folder, "pipe"), 0x1A4));
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix,
            System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(folder, "socket")));
        Write("x", "1");
        Assert.Equal(Sum("1"), HashOf("*").Hash);
    }

    [Fact]
    public void HashOf_FileThatCannotBeRead_IsAnErrorWhereItIsChosen()
    {
        var file = Write("shut", "1");
        Write("open", "2");
        File.SetUnixFileMode(file, UnixFileMode.None);
        Assert.Equal("AEGIS1099", HashOf("*").Error?.Code);
        Assert.Contains("shut", HashOf("*").Error?.Message, StringComparison.Ordinal);
        Assert.Equal(Sum("2"), HashOf("*", "!shut").Hash);
    }

    [Fact]
    public void HashOf_NameThatIsNoText_IsAnError()
    {
        byte[] name = [.. Encoding.UTF8.GetBytes(folder + "/"), 0xff, 0];
        Assert.Equal(0, mkdir(name, 0x1ED));
        var got = HashOf("**");
        Assert.Equal(0, rmdir(name));
        Assert.Equal("AEGIS1099", got.Error?.Code);
    }

    [Fact]
    public void HashOf_NoWorkspaceThere_IsAnError()
    {
        Assert.Equal("AEGIS1099",
            Hashes(Path.Combine(folder, "none"), new FileHashLimits()).HashOf(["*"]).Error?.Code);
        Assert.Equal("AEGIS1099",
            Hashes(Write("file", "1"), new FileHashLimits()).HashOf(["*"]).Error?.Code);
    }

    [Fact]
    public void HashOf_Options_AreRefused() =>
        Assert.Equal("AEGIS1097", HashOf("--follow-symbolic-links", "*").Error?.Code);

    [Theory]
    [InlineData(3, 6, 5, 2, null)]
    [InlineData(2, 6, 5, 2, "AEGIS1098")]
    [InlineData(3, 5, 5, 2, "AEGIS1098")]
    [InlineData(3, 6, 4, 2, "AEGIS1098")]
    [InlineData(3, 6, 5, 1, "AEGIS1098")]
    public void HashOf_Limits_HoldAtTheirEdge(int files, long bytes, int entries, int depth, string? code)
    {
        Write("a", "11");
        Write("b/c", "22");
        Write("b/d/e", "33");
        var got = Hashes(folder, new FileHashLimits(files, bytes, entries, depth)).HashOf(["**"]);
        Assert.Equal((code is null ? Sum("11", "22", "33") : null, code), (got.Hash, got.Error?.Code));
    }

    [Fact]
    public void HashOf_Cancelled_Ends()
    {
        Write("a", "1");
        var hashes = new WorkspaceFileHashes(folder, new FileHashLimits(), new CancellationToken(true));
        Assert.Throws<OperationCanceledException>(() => hashes.HashOf(["*"]));
    }

    private FileHash HashOf(params string[] patterns) =>
        Hashes(folder, new FileHashLimits()).HashOf([.. patterns]);

    private static WorkspaceFileHashes Hashes(string workspace, FileHashLimits limits) =>
        new(workspace, limits, CancellationToken.None);

    private string Write(string path, string content)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    private static string Sum(params string[] contents) => Convert.ToHexStringLower(
        SHA256.HashData([.. contents.SelectMany(c => SHA256.HashData(Encoding.UTF8.GetBytes(c)))]));

    [DllImport("libc")]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);

    [DllImport("libc")]
    private static extern int rmdir(byte[] path);

    [DllImport("libc")]
    private static extern int mkdir(byte[] path, uint mode);
}
