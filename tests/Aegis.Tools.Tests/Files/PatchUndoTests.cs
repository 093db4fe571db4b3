using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Files;

/// <summary>Backups, and patches that mean harm.</summary>
public sealed class PatchUndoTests : IDisposable
{
    private const string Change = "f\n<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n";
    private readonly HostExecution execution = new();

    public void Dispose() => execution.Dispose();

    [Fact]
    public async Task Restore_AfterFurtherChanges_RefusesAndWritesNothing()
    {
        Put("f", "one\n");
        Put("g", "two\n");
        var both = await PatchAsync(Change + "g\n<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n");
        Put("g", "three\n");
        (await RestoreAsync(both)).MustFail("AEGIS2694");
        Assert.Equal(("1\n", "three\n"), (Text("f"), Text("g")));
        Put("g", "2\n");
        var undone = (await RestoreAsync(both)).MustWork();
        Assert.Equal(("one\n", "two\n"), (Text("f"), Text("g")));
        // undoing can be undone, and nothing is undone twice
        (await RestoreAsync(both)).MustFail("AEGIS2694");
        (await RestoreAsync(undone)).MustWork();
        Assert.Equal(("1\n", "2\n"), (Text("f"), Text("g")));
    }

    [Fact]
    public async Task Restore_OfABackupThatWasMeddledWithOrIsNotThere_IsRefused()
    {
        Put("f", "one\n");
        var result = await PatchAsync(Change);
        var name = result.Output("backup").GetString()!;
        var file = Path.Combine(execution.Work, ".aegis/undo", name);
        File.WriteAllBytes(file, PatchBackup.Unpack(name, File.ReadAllBytes(file)) is { } backup
            ? (backup with { Files = [backup.Files[0] with { Before = "evil" }] }).Pack().Bytes : []);
        (await RestoreAsync(result)).MustFail("AEGIS2693");
        File.Delete(file);
        (await RestoreAsync(result)).MustFail("AEGIS2692");
        (await new FileRestore().CallAsync(execution, new { backup = "../../etc/passwd" }))
            .MustFail("AEGIS2001");
        Assert.Equal("1\n", Text("f"));
    }

    [Fact]
    public async Task Backups_AtTheLimitAndOnePast_TheOldestGoes()
    {
        Put("f", "one\n");
        var undo = Directory.CreateDirectory(Path.Combine(execution.Work, ".aegis/undo")).FullName;
        for (var i = 0; i < PatchBackup.KeptMax - 1; i++)
        {
            var file = Path.Combine(undo, $"{i:d4}");
            File.WriteAllText(file, "");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(i));
        }
        await PatchAsync(Change);
        Assert.Equal(PatchBackup.KeptMax, Directory.GetFiles(undo).Length);
        await PatchAsync("f\n<<<<<<< FILE\nthree\n>>>>>>> FILE\n");
        Assert.Equal(PatchBackup.KeptMax, Directory.GetFiles(undo).Length);
        Assert.False(File.Exists(Path.Combine(undo, "0000")));
        Assert.True(File.Exists(Path.Combine(undo, "0001")));
    }

    [Fact]
    public async Task Outputs_SayHowEachHunkWasFound()
    {
        Put("f", "one\n    two\nthree  \n");
        var result = await PatchAsync(Change + "<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n"
            + "<<<<<<< SEARCH\nthree\n=======\n3\n>>>>>>> REPLACE\n");
        Assert.Equal("1\n    2\n3\n", Text("f"));
        Assert.Equal("f:2 indentation, f:3 whitespace, f:1 exact", string.Join(", ",
            result.Output("hunks").EnumerateArray().Select(h => $"{h.GetProperty("file").GetString()}:"
                + $"{h.GetProperty("line").GetInt32()} {h.GetProperty("match").GetString()}")));
    }

    [Theory]
    [InlineData("out/f\n<<<<<<< FILE\nx\n>>>>>>> FILE\n", "AEGIS2690")]
    [InlineData("passwd\n<<<<<<< FILE\nx\n>>>>>>> FILE\n", "AEGIS2690")]
    [InlineData("--- a/link\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n", "AEGIS2691")]
    [InlineData("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n",
        "AEGIS2120")]
    [InlineData("diff --git a/f b/f\nindex 1..2 100644\nGIT binary patch\nliteral 1\n", "AEGIS2120")]
    [InlineData("/etc/passwd\n<<<<<<< FILE\nx\n>>>>>>> FILE\n", "AEGIS2100")]
    [InlineData("../f\n<<<<<<< FILE\nx\n>>>>>>> FILE\n", "AEGIS2100")]
    [InlineData("f\0\n<<<<<<< FILE\nx\n>>>>>>> FILE\n", "AEGIS2100")]
    [InlineData("binary\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n", "AEGIS2114")]
    public async Task Patch_ThatMeansHarm_WritesNothing(string patch, string code)
    {
        Put("f", "one\n");
        Directory.CreateSymbolicLink(Path.Combine(execution.Work, "out"), "/tmp");
        File.CreateSymbolicLink(Path.Combine(execution.Work, "passwd"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(execution.Work, "link"), "f");
        File.WriteAllBytes(Path.Combine(execution.Work, "binary"), [0x78, 0xff, 0x00]);
        // beside a good change, which is not made either
        (await new FilePatch().CallAsync(execution, new
        {
            patch = patch.StartsWith('-') || patch.StartsWith('d')
                ? "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-one\n+1\n" + patch : Change + patch,
        })).MustFail(code);
        Assert.Equal("one\n", Text("f"));
        Assert.False(Directory.Exists(Path.Combine(execution.Work, ".aegis")));
    }

    [Fact]
    public async Task Patch_OfTenMegabytesOrOneHunkTooMany_IsRefused()
    {
        Put("f", "one\n");
        (await new FilePatch().CallAsync(execution,
            new { patch = "f\n<<<<<<< FILE\n" + new string('x', 10 << 20) + "\n>>>>>>> FILE\n" }))
            .MustFail("AEGIS2001");
        (await new FilePatch().CallAsync(execution, new { patch = Hunks(5_001) })).MustFail("AEGIS2120");
        Put("f", string.Concat(Enumerable.Range(0, 5_000).Select(i => $"line {i}\n")));
        var result = await PatchAsync(Hunks(5_000));
        Assert.Equal(5_000, result.Output("lines_added").GetInt32());
        Assert.Equal(FilePatch.ReportedMax, result.Output("hunks").GetArrayLength());
    }

    [Fact]
    public async Task Patch_ThroughALinkInsideOfTheWorkspace_ChangesTheFileAndIsUndone()
    {
        Put("f", "one\n");
        File.CreateSymbolicLink(Path.Combine(execution.Work, "link"), "f");
        var result = await PatchAsync(Change.Replace("f\n", "link\n", StringComparison.Ordinal));
        Assert.Equal("1\n", Text("f"));
        (await RestoreAsync(result)).MustWork();
        Assert.Equal("one\n", Text("f"));
        Assert.NotNull(new FileInfo(Path.Combine(execution.Work, "link")).LinkTarget);
    }

    private static string Hunks(int count) => "f\n" + string.Concat(Enumerable.Range(0, count)
        .Select(i => $"<<<<<<< SEARCH\nline {i}\n=======\nL {i}\n>>>>>>> REPLACE\n"));

    private async Task<ToolResult> PatchAsync(string patch) =>
        (await new FilePatch().CallAsync(execution, new { patch })).MustWork();

    private Task<ToolResult> RestoreAsync(ToolResult patched) => new FileRestore().CallAsync(execution,
        new { backup = patched.Output("backup").GetString() });

    private void Put(string path, string text) => File.WriteAllText(Path.Combine(execution.Work, path), text);

    private string Text(string path) => File.ReadAllText(Path.Combine(execution.Work, path));
}
