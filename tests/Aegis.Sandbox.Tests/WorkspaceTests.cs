using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class WorkspaceTests(SandboxFixture sandbox)
{
    private readonly string run = $"run_{Guid.NewGuid():n}";
    private readonly Workspaces workspaces = new(sandbox.Home, sandbox.Runner, layerBytesMax: 8L << 20);

    [Fact]
    public async Task Seal_ThenNextStep_SeesTheFiles()
    {
        var first = await StepAsync("one", [],
            "mkdir -p a/b && echo hello > a/b/f && ln a/b/f a/hard && ln -s b a/link");
        var (second, seen) = await OpenAsync("two", [first.LayerId!],
            "cat a/link/f; stat -c %h a/b/f; echo more >> a/b/f");
        Assert.Equal("hello\n2", seen.Stdout);
        var sealedSecond = await workspaces.SealAsync(second);
        var (_, third) = await OpenAsync("three", [first.LayerId!, sealedSecond.LayerId!], "cat a/b/f");
        Assert.Equal("hello\nmore", third.Stdout);
        Assert.Equal("one.1", Assert.Single(sealedSecond.Lineage));
    }

    [Fact]
    public async Task Attempts_OfOneStep_SeeNothingOfEachOther()
    {
        var (_, first) = await OpenAsync("one", [], "echo half > file; ls");
        Assert.Equal("file", first.Stdout);
        var (_, second) = await OpenAsync("one", [], "ls -A", attempt: 2);
        Assert.Equal((0, ""), (second.Exit, second.Stdout));
        Assert.Equal(["one.2"], Directory.GetDirectories(Path.Combine(sandbox.Home, run,
            "a")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Link_GivesAnotherRunTheLayers_WhicheverRunGoesFirst()
    {
        var first = await StepAsync("one", [], "mkdir d && echo hello > d/f && echo old > gone");
        var second = await StepAsync("two", [first.LayerId!], "rm gone && echo two > d/g");
        var again = $"run_{Guid.NewGuid():n}";
        Assert.True(await workspaces.LinkAsync(run, again, [first.LayerId!, second.LayerId!]));
        await workspaces.DeleteRunAsync(run);
        var opened = await workspaces.OpenAsync(again, [first.LayerId!, second.LayerId!], "three", 1);
        var seen = await InAsync(opened, "ls; cat d/f d/g; echo more >> d/f");
        Assert.Equal("d\nhello\ntwo", seen.Stdout);
        await workspaces.SealAsync(opened);
        Assert.False(await workspaces.LinkAsync(run, $"run_{Guid.NewGuid():n}", [first.LayerId!]));
        await workspaces.DeleteRunAsync(again);
    }

    [Fact]
    public async Task View_ShowsTheServerWhatLayersComeToTogether()
    {
        var first = await StepAsync("one", [], "mkdir d && echo hello > d/f && echo old > gone");
        var second = await StepAsync("two", [first.LayerId!], "rm gone && echo two > d/g");
        static string Listed(string folder) => string.Join(' ', Directory.EnumerateFiles(folder, "*",
            SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order())
            + ": " + File.ReadAllText(Path.Combine(folder, "d/f"));
        Assert.Equal("d/f d/g: hello\n",
            await workspaces.ViewAsync(run, [first.LayerId!, second.LayerId!], Listed));
        Assert.Equal("d/f gone: hello\n", await workspaces.ViewAsync(run, [first.LayerId!], Listed));
        Assert.Empty(await workspaces.ViewAsync(run, [], Directory.GetFileSystemEntries));
    }

    [Fact]
    public async Task Seal_Twice_AnswersTheSame()
    {
        var (workspace, _) = await OpenAsync("one", [], "echo x > file");
        var first = await workspaces.SealAsync(workspace);
        var again = await workspaces.SealAsync(workspace);
        Assert.Equal((first.LayerId, first.BytesUsed, first.EntryCount), (again.LayerId, again.BytesUsed,
            again.EntryCount));
        Assert.Equal(("one.1", 2, 1), (first.LayerId, first.BytesUsed, first.EntryCount));
    }

    [Fact]
    public async Task Seal_AfterTheLayerWasMovedAndTheListLost_ReadsItAgain()
    {
        var (workspace, _) = await OpenAsync("one", [], "echo x > file");
        await workspaces.SealAsync(workspace);
        var layers = Path.Combine(sandbox.Home, run, "l");
        File.Delete(Path.Combine(layers, "one.1.json"));
        await File.WriteAllBytesAsync(Path.Combine(layers, "one.1.paths"), []);
        var attempt = Directory.CreateDirectory(Path.Combine(sandbox.Home, run, "a", "one.1")).FullName;
        await File.WriteAllTextAsync(Path.Combine(attempt, "lineage"), "");
        Assert.Equal(("one.1", 2L), await workspaces.SealAsync(workspace) is var s ? (s.LayerId, s.BytesUsed)
            : default);
    }

    [Fact]
    public async Task Seal_OfNothing_MakesNoLayer()
    {
        var (workspace, _) = await OpenAsync("one", [], "true");
        Assert.Null((await workspaces.SealAsync(workspace)).LayerId);
        Assert.Null((await workspaces.SealAsync(workspace)).LayerId);
    }

    [Fact]
    public async Task Seal_WithoutAnyCommand_MakesNoLayer()
    {
        var workspace = await workspaces.OpenAsync(run, [], "one", 1);
        Assert.Null((await workspaces.SealAsync(workspace)).LayerId);
    }

    [Fact]
    public async Task Discard_OfPrivateFolders_LeavesNothing()
    {
        var (workspace, ran) = await OpenAsync("one", [],
            "mkdir -m 700 p && echo x > p/f && chmod 000 p/f && chmod 100 p");
        Assert.Equal(0, ran.Exit);
        await workspaces.DiscardAsync(workspace);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(sandbox.Home, run, "a")));
        await workspaces.DiscardAsync(workspace);
        var error = await Assert.ThrowsAsync<AegisException>(async () =>
            await workspaces.SealAsync(workspace));
        Assert.Equal("AEGIS3024", error.Error.Code);
    }

    [Theory]
    [InlineData("echo 1 > same", "echo 2 > same", "same")]
    [InlineData("echo 1 > same; chmod 755 same", "echo 1 > same", "same")]
    [InlineData("rm base", "echo changed > base", "base")]
    [InlineData("rm -r folder", "echo new > folder/other", "folder")]
    [InlineData("rm -r folder; mkdir folder", "echo new > folder/other", "folder")]
    [InlineData("ln -s a link", "ln -s b link", "link")]
    [InlineData("mkdir thing", "echo > thing", "thing")]
    [InlineData("chmod 600 folder/f", "echo more >> folder/f", "folder/f")]
    public async Task Join_OfStepsThatDisagree_IsAConflictNamingPathAndSteps(string left, string right,
        string path)
    {
        var start = await StepAsync("base", [], "echo base > base; mkdir folder; echo f > folder/f");
        var one = await StepAsync("left", [start.LayerId!], left);
        var other = await StepAsync("right", [start.LayerId!], right);
        var error = await Assert.ThrowsAsync<AegisException>(async () =>
            await workspaces.OpenAsync(run, [start.LayerId!, one.LayerId!, other.LayerId!], "join", 1));
        Assert.Equal("AEGIS3020", error.Error.Code);
        Assert.Equal($"WorkspaceConflict: steps 'left' and 'right' changed {path} differently",
            error.Error.Message);
    }

    [Fact]
    public async Task Join_OfStepsThatAgree_SeesBoth()
    {
        var start = await StepAsync("base", [], "mkdir folder; echo f > folder/f; echo gone > gone");
        var one = await StepAsync("left", [start.LayerId!], "echo 1 > folder/1; echo same > same; rm gone");
        var other = await StepAsync("right", [start.LayerId!],
            "echo 2 > folder/2; echo same > same; rm gone");
        var (joined, ran) = await OpenAsync("join", [start.LayerId!, one.LayerId!, other.LayerId!],
            "cat folder/f folder/1 folder/2 same; ls gone; rm -r folder; mkdir folder; echo w > folder/w");
        Assert.Equal("f\n1\n2\nsame", ran.Stdout);
        var last = await workspaces.SealAsync(joined);
        var (_, after) = await OpenAsync("after",
            [start.LayerId!, one.LayerId!, other.LayerId!, last.LayerId!], "ls folder");
        Assert.Equal("w", after.Stdout);
    }

    [Fact]
    public async Task Open_OverAMissingLayer_NamesIt()
    {
        var error = await Assert.ThrowsAsync<AegisException>(async () => await workspaces.OpenAsync(run,
            ["nowhere.1"], "x", 1));
        Assert.Equal(("AEGIS3021", "layer nowhere.1"), (error.Error.Code, error.Error.Expected));
    }

    [Fact]
    public async Task Open_OverMoreLayersThanOneOverlayTakes_FlattensTheLowest()
    {
        const int steps = LayerStack.FoldersMax + 3;
        var layers = new List<string>();
        for (var i = 0; i < steps; i++)
        {
            var step = await StepAsync($"s{i}", [.. layers],
                $"echo {i} > f{i}; echo {i} >> all; rm -f f{i - 2}");
            layers.Add(step.LayerId!);
        }
        var (_, ran) = await OpenAsync("last", [.. layers], "ls; cat all | wc -l; echo more >> all");
        Assert.Equal($"all\nf{steps - 2}\nf{steps - 1}\n{steps}", ran.Stdout);
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(sandbox.Home, run, "f")));
    }

    [Fact]
    public async Task Seal_OfTooMuch_IsRefusedAtOneByteMore()
    {
        var (fits, _) = await OpenAsync("fits", [], "head -c 8388608 /dev/zero > f");
        Assert.Equal(8 << 20, (await workspaces.SealAsync(fits)).BytesUsed);
        var (large, _) = await OpenAsync("large", [], "head -c 8388609 /dev/zero > f");
        var error = await Assert.ThrowsAsync<AegisException>(async () => await workspaces.SealAsync(large));
        Assert.Equal("AEGIS3022", error.Error.Code);
        await workspaces.DiscardAsync(large);
    }

    [Fact]
    public async Task Git_InTheMergedView_CommitsAndPacksAcrossLayers()
    {
        const string who = "git -c user.name=a -c user.email=a@b -C repo";
        var first = await StepAsync("one", [],
            $"git init -q repo && echo 1 > repo/f && {who} add . && {who} commit -qm 1");
        var second = await StepAsync("two", [first.LayerId!],
            $"echo 2 > repo/f && {who} commit -qam 2 && {who} gc -q && mv repo moved && mv moved repo");
        var (_, ran) = await OpenAsync("three", [first.LayerId!, second.LayerId!],
            $"{who} fsck --strict && {who} log --format=%s && {who} status --porcelain");
        Assert.Equal((0, "2\n1"), (ran.Exit, ran.Stdout));
    }

    [Fact]
    public async Task Commands_AtOnceOverOneAttempt_ShareIt()
    {
        var workspace = await workspaces.OpenAsync(run, [], "one", 1);
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            InAsync(workspace, $"echo {i} > f{i}")));
        Assert.All(all, r => Assert.Equal(0, r.Exit));
        Assert.Equal("8", (await InAsync(workspace, "ls | wc -l")).Stdout);
    }

    [Fact]
    public async Task DeleteRun_WithAnOpenAttempt_LeavesNothing()
    {
        await StepAsync("one", [], "echo 1 > f");
        await OpenAsync("two", ["one.1"], "mkdir -m 0 locked");
        await workspaces.DeleteRunAsync(run);
        Assert.False(Directory.Exists(Path.Combine(sandbox.Home, run)));
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("a:b")]
    public async Task Open_WithAnIdThatIsNone_IsRefused(string id)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await workspaces.OpenAsync(run, [], id, 1));
        await Assert.ThrowsAsync<ArgumentException>(async () => await workspaces.OpenAsync(id, [], "step",
            1));
        await Assert.ThrowsAsync<ArgumentException>(async () => await workspaces.OpenAsync(run, [id], "step",
            1));
    }

    [Fact]
    public async Task Layers_BelowAStep_AtTheirNumberAndPast()
    {
        ImmutableArray<string> most = [.. Enumerable.Range(1, Workspaces.LayersMax).Select(i => $"s{i}.1")];
        // all are looked for; none of them is there
        var missing = await Assert.ThrowsAsync<AegisException>(async () =>
            await workspaces.OpenAsync(run, most, "step", 1));
        Assert.Equal("AEGIS3021", missing.Error.Code);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await workspaces.OpenAsync(run, most.Add("more.1"), "step", 1));
    }

    [Fact]
    public async Task Paths_OfALayer_AtTheirNumberAndPast()
    {
        var list = Path.Combine(sandbox.Home, "many.paths");
        await File.WriteAllTextAsync(list, "f\t644\t1\t\0a\0f\t644\t1\t\0b\0");
        Assert.Equal(2, (await LayerChanges.ReadAsync(list, default, 2)).Count);
        Assert.Equal(2, (await LayerChanges.ReadAsync(list, default)).Count);
        await Assert.ThrowsAsync<InvalidDataException>(() => LayerChanges.ReadAsync(list, default, 1));
    }

    [Fact]
    public async Task Output_IntoAFile_AtItsBytesAndPast()
    {
        var path = Path.Combine(sandbox.Home, "output");
        await using var file = File.Create(path);
        var take = OutputPump.IntoFile(file, 5);
        await take("abc"u8.ToArray());
        await take("de"u8.ToArray());
        var error = await Assert.ThrowsAsync<AegisException>(async () => await take("f"u8.ToArray()));
        await file.FlushAsync();
        Assert.Equal(("AEGIS3007", 5), (error.Error.Code, new FileInfo(path).Length));
    }

    private async Task<SealedLayer> StepAsync(string step, ImmutableArray<string> layers, string script)
    {
        var (workspace, ran) = await OpenAsync(step, layers, script);
        Assert.Equal((0, ""), (ran.Exit, ran.Stderr));
        return await workspaces.SealAsync(workspace);
    }

    private async Task<(AttemptWorkspace, Ran)> OpenAsync(string step, ImmutableArray<string> layers,
        string script,
        int attempt = 1)
    {
        var workspace = await workspaces.OpenAsync(run, layers, step, attempt);
        return (workspace, await InAsync(workspace, script));
    }

    private Task<Ran> InAsync(AttemptWorkspace workspace, string script) =>
        SandboxFixture.RunAsync(sandbox.Runner,
        SandboxFixture.Spec("sh", "-c", script) with { Workspace = workspace });
}
