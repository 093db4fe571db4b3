using System.Text;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Files;

public sealed class FileToolsTests : IDisposable
{
    private readonly HostExecution execution = new();

    public void Dispose() => execution.Dispose();

    private string Host(string path) => Path.Combine(execution.Work, path);

    private void Put(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Host(path))!);
        File.WriteAllText(Host(path), content);
    }

    [Fact]
    public async Task Read_PartsOfAFile_MeetAtWholeCharacters()
    {
        Put("t", "añ€bc€");
        var text = new StringBuilder();
        long? offset = 0;
        var parts = 0;
        while (offset is { } at)
        {
            var result = (await new FileRead()
                .CallAsync(execution, new { path = "t", offset = at, limit = 4 })).MustWork();
            text.Append(result.Text);
            offset = result.Output("eof").GetBoolean() ? null : result.Output("next_offset").GetInt64();
            parts++;
        }
        Assert.Equal(("añ€bc€", 3), (text.ToString(), parts));
    }

    [Fact]
    public async Task Read_BytesThatAreNotText_NeedBase64()
    {
        File.WriteAllBytes(Host("b"), [0xff, 0, 1]);
        (await new FileRead().CallAsync(execution, new { path = "b" })).MustFail("AEGIS2114");
        Assert.Equal("/wAB",
            (await new FileRead().CallAsync(execution, new { path = "b", encoding = "base64" })).Text);
    }

    [Fact]
    public async Task Read_AtTheLimitAndOnePast()
    {
        Put("big", new string('a', FileRead.BytesMax + 1));
        var result = (await new FileRead()
            .CallAsync(execution, new { path = "big", limit = FileRead.BytesMax }))
            .MustWork();
        Assert.Equal((FileRead.BytesMax, FileRead.BytesMax),
            (result.Text!.Length, result.Output("next_offset").GetInt32()));
        Assert.Equal("AEGIS2001", new FileRead().Check(
            System.Text.Json.JsonElement.Parse(
                $$"""{"path":"big","limit":{{FileRead.BytesMax + 1}}}"""))?.Code);
    }

    [Fact]
    public async Task Read_WrongPaths_SayWhatIsWrong()
    {
        Directory.CreateDirectory(Host("d"));
        (await new FileRead().CallAsync(execution, new { path = "none" })).MustFail("AEGIS2110");
        (await new FileRead().CallAsync(execution, new { path = "d" })).MustFail("AEGIS2111");
        (await new FileRead().CallAsync(execution, new { path = "../x" })).MustFail("AEGIS2100");
    }

    [Fact]
    public async Task Read_LinkToAHostFile_StopsAtTheSandbox()
    {
        var secret = Path.Combine(execution.ScratchDirectory, "secret");
        File.WriteAllText(secret, "host");
        File.CreateSymbolicLink(Host("link"), secret);
        Assert.Equal("host", File.ReadAllText(Host("link")));
        (await new FileRead().CallAsync(execution, new { path = "link" })).MustFail("AEGIS2110");
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("-rf")]
    [InlineData("a b/$(touch hacked)/`x`;'\"\\ñ")]
    public async Task Write_ThenRead_GivesTheSameBytesWhateverTheName(string path)
    {
        const string content = "line\r\n$HOME `x` 'q' \"q\"\n\tend";
        var result = (await new FileWrite().CallAsync(execution, new { path, content })).MustWork();
        Assert.True(result.Output("created").GetBoolean());
        Assert.Equal(content, File.ReadAllText(Host(path)));
        Assert.Equal(content, (await new FileRead().CallAsync(execution, new { path })).MustWork().Text);
        Assert.False(File.Exists(Host("hacked")));
    }

    [Fact]
    public async Task Write_Again_ReplacesAndKeepsTheMode()
    {
        Put("s.sh", "old, and longer");
        File.SetUnixFileMode(Host("s.sh"), (UnixFileMode)Convert.ToInt32("750", 8));
        var result = (await new FileWrite().CallAsync(execution, new { path = "s.sh", content = "new" }))
            .MustWork();
        Assert.False(result.Output("created").GetBoolean());
        Assert.Equal("new", File.ReadAllText(Host("s.sh")));
        Assert.Equal((UnixFileMode)Convert.ToInt32("750", 8), File.GetUnixFileMode(Host("s.sh")));
        Assert.Single(Directory.GetFileSystemEntries(execution.Work));
    }

    [Fact]
    public async Task Write_AppendBase64Executable_AreHonoured()
    {
        await new FileWrite().CallAsync(execution, new { path = "f", content = "one\n" });
        (await new FileWrite().CallAsync(execution,
            new { path = "f", content = "dHdv", encoding = "base64", append = true, executable = true }))
                .MustWork();
        Assert.Equal("one\ntwo", File.ReadAllText(Host("f")));
        Assert.True(File.GetUnixFileMode(Host("f")).HasFlag(UnixFileMode.UserExecute));
        (await new FileWrite().CallAsync(execution, new { path = "f", content = "?", encoding = "base64" }))
            .MustFail("AEGIS2115");
    }

    [Fact]
    public async Task Write_AtTheLimitAndOnePast()
    {
        var content = new string('a', FileWrite.BytesMax);
        (await new FileWrite().CallAsync(execution, new { path = "f", content })).MustWork();
        Assert.Equal(FileWrite.BytesMax, new FileInfo(Host("f")).Length);
        (await new FileWrite().CallAsync(execution, new { path = "g", content = content + "a" }))
            .MustFail("AEGIS2116");
        Assert.False(File.Exists(Host("g")));
    }

    [Fact]
    public async Task List_PagesThroughAFolder_InOrder()
    {
        foreach (var name in (string[])["b", "a/x", "a/.git/objects/y", "c d", "e\u00e9"])
        {
            Put(name, "12");
        }
        var first = (await new FileList().CallAsync(execution, new { depth = 9, limit = 3 })).MustWork();
        Assert.Equal("a/\na/.git/\na/x 2\n", first.Text);
        Assert.True(first.Output("truncated").GetBoolean());
        var rest = (await new FileList().CallAsync(execution,
            new { depth = 9, limit = 3, after = first.Output("next").GetString() })).MustWork();
        Assert.Equal("b 2\nc d 2\neé 2\n", rest.Text);
        Assert.Equal("""{"path":".","count":3,"truncated":false}""", rest.OutputsText());
    }

    [Fact]
    public async Task List_OfWhatIsNoFolder_SaysSo()
    {
        Put("f", "");
        (await new FileList().CallAsync(execution, new { path = "f" })).MustFail("AEGIS2111");
        (await new FileList().CallAsync(execution, new { path = "none" })).MustFail("AEGIS2110");
    }

    [Fact]
    public async Task List_AtTheLimitOfEntriesAndOnePast()
    {
        foreach (var i in Enumerable.Range(0, FileList.EntriesMax))
        {
            File.WriteAllText(Host($"{i:x4}"), "");
        }
        // names of four letters fit into the answer's 64 KiB nearly whole; no entry is lost between two pages
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = (await new FileList().CallAsync(execution,
                new { limit = FileList.EntriesMax, after = after ?? "" })).MustWork();
            seen.AddRange(page.Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            after = page.Output("truncated").GetBoolean() ? page.Output("next").GetString() : null;
        }
        while (after is not null);
        Assert.Equal(Enumerable.Range(0, FileList.EntriesMax).Select(i => $"{i:x4} 0"), seen);
        Assert.NotNull(new FileList().Check(
            System.Text.Json.JsonElement.Parse($$"""{"limit":{{FileList.EntriesMax + 1}}}""")));
    }

    [Fact]
    public async Task Search_FindsLines_AndLeavesGitAndBinariesOut()
    {
        Put("a.cs", "one\nTwo three\n");
        Put("b.txt", "two\n");
        Put(".git/x", "two\n");
        Put("bin", "two\0\n");
        Assert.Equal("a.cs:2:Two three\n", (await new FileSearch().CallAsync(execution,
            new { pattern = "tw[o]", ignore_case = true, glob = "*.cs" })).MustWork().Text);
        var all = (await new FileSearch().CallAsync(execution, new { pattern = "two|one" })).MustWork();
        Assert.Equal("""{"count":2,"files":2,"truncated":false}""", all.OutputsText());
    }

    [Fact]
    public async Task Search_PatternsAreNeverOptionsOrShellText()
    {
        Put("f", "-e $(id)\n(\n");
        Assert.Equal("f:1:-e $(id)\n", (await new FileSearch().CallAsync(execution,
            new { pattern = "-e $(id)", @fixed = true })).MustWork().Text);
        (await new FileSearch().CallAsync(execution, new { pattern = "(" })).MustFail("AEGIS2113");
        Assert.Equal("f:2:(\n", (await new FileSearch().CallAsync(execution,
            new { pattern = "^\\($" })).MustWork().Text);
    }

    [Fact]
    public async Task Search_NoHitAndLimits()
    {
        Put("f", string.Concat(Enumerable.Repeat("hit\n", FileSearch.HitsMax + 1)));
        var none = (await new FileSearch().CallAsync(execution, new { pattern = "absent" })).MustWork();
        Assert.Equal(("", 0), (none.Text, none.Output("count").GetInt32()));
        var most = (await new FileSearch().CallAsync(execution,
            new { pattern = "hit", limit = FileSearch.HitsMax })).MustWork();
        Assert.Equal((FileSearch.HitsMax, true),
            (most.Output("count").GetInt32(), most.Output("truncated").GetBoolean()));
    }

    [Fact]
    public async Task Patch_OverTwoFiles_WritesBothAndKeepsModes()
    {
        Put("app/run.sh", "a\nb\n");
        File.SetUnixFileMode(Host("app/run.sh"), (UnixFileMode)Convert.ToInt32("755", 8));
        Put("app/gone", "x\n");
        const string patch = "--- a/run.sh\n+++ b/run.sh\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n"
            + "--- /dev/null\n+++ b/sub/new.txt\n@@ -0,0 +1 @@\n+hi\n"
            + "--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n";
        var result = (await new FilePatch().CallAsync(execution, new { patch, cwd = "app" })).MustWork();
        Assert.Equal("deleted app/gone +0 -1\nchanged app/run.sh +1 -1\ncreated app/sub/new.txt +1 -0\n",
            result.Text);
        Assert.Equal("a\nB\n", File.ReadAllText(Host("app/run.sh")));
        Assert.Equal("hi\n", File.ReadAllText(Host("app/sub/new.txt")));
        Assert.True(File.GetUnixFileMode(Host("app/run.sh")).HasFlag(UnixFileMode.GroupExecute));
        Assert.Equal(["run.sh", "sub"],
            Directory.GetFileSystemEntries(Host("app")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Patch_OneOfTwoDoesNotFit_NothingIsWritten()
    {
        Put("a", "one\n");
        Put("b", "zwei\n");
        const string patch =
            "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+1\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-two\n+2\n";
        (await new FilePatch().CallAsync(execution, new { patch })).MustFail("AEGIS2121");
        Assert.Equal(("one\n", "zwei\n"), (File.ReadAllText(Host("a")), File.ReadAllText(Host("b"))));
    }

    [Fact]
    public async Task Patch_WriteFailsHalfWay_NothingIsWritten()
    {
        Put("a", "one\n");
        Put("file", "x");
        // the second file's folder cannot be made: `file` is in its way
        const string patch =
            "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+1\n--- /dev/null\n+++ b/file/b\n@@ -0,0 +1 @@\n+2\n";
        (await new FilePatch().CallAsync(execution, new { patch })).MustFail("AEGIS2112");
        Assert.Equal("one\n", File.ReadAllText(Host("a")));
        Assert.Equal(["a", "file"], Directory.GetFileSystemEntries(execution.Work).Select(Path.GetFileName)
            .Order());
    }

    [Theory]
    [InlineData("--- a/../../x\n+++ b/../../x\n@@ -1 +1 @@\n-a\n+b\n")]
    [InlineData("/etc/passwd\n<<<<<<< SEARCH\nroot\n=======\nx\n>>>>>>> REPLACE\n")]
    public async Task Patch_OutsideWork_IsRefused(string patch) =>
        (await new FilePatch().CallAsync(execution, new { patch })).MustFail("AEGIS2100");

    [Fact]
    public async Task Patch_FileAtTheLimitAndOnePast()
    {
        var block = "f\n<<<<<<< SEARCH\nhead\n=======\nHEAD\n>>>>>>> REPLACE\n";
        Put("f", "head\n" + new string('a', PatchFiles.FileBytesMax - 5));
        (await new FilePatch().CallAsync(execution, new { patch = block })).MustWork();
        Put("f", "head\n" + new string('a', PatchFiles.FileBytesMax - 4));
        (await new FilePatch().CallAsync(execution, new { patch = block })).MustFail("AEGIS2124");
    }

    [Fact]
    public void Effects_AreAsTheActsAre()
    {
        Assert.All((Tool[])[new FileRead(), new FileList(), new FileSearch()],
            t => Assert.Equal(ToolEffect.Pure, t.Descriptor.Effect));
        Assert.All((Tool[])[new FileWrite(), new FilePatch()],
            t => Assert.Equal(ToolEffect.Idempotent, t.Descriptor.Effect));
    }
}
