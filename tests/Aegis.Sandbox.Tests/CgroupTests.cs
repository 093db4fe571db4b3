namespace Aegis.Sandbox.Tests;

/// <summary>The walls of control groups, where the machine delegates some; else that their absence is
/// said.</summary>
[Collection("sandbox")]
public sealed class CgroupTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Groups_OfTwoTreesOfOneProcess_AreTheirOwn()
    {
        var groups = new[] { CgroupTree.Find(null), CgroupTree.Find(null) }.OfType<CgroupTree>()
            .Select(tree => tree.MakeBare()).ToList();
        Assert.Equal(groups.Sum(group => group.Folders.Length),
            groups.SelectMany(group => group.Folders).Distinct().Count());
        foreach (var group in groups)
        {
            await group.DisposeAsync();
        }
    }

    [Fact]
    public async Task Memory_OfTheTree_EndsAtItsLimitOrIsRecordedAbsent()
    {
        var spec = SandboxFixture.Spec("perl", "-e",
            "my $r; pipe R, W; for (1, 2) { if (!fork) { "
            + "my $x = 'x' x (45 << 20); syswrite W, 'x'; sleep 1000 } } "
            + "close W; sysread R, $r, 1; sysread R, $r, 1 or die 'starved'; print 'through'") with
        {
            Limits = SandboxFixture.Limits with { MemoryBytesMax = 64L << 20 },
        };
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, spec);
        var wall = ran.Outcome.Walls.Single(w => w.Wall == "memory");
        if (wall.Present)
        {
            Assert.NotEqual("through", ran.Stdout);
        }
        else
        {
            Assert.Equal(("through",
                $"absent: no delegated control group; RLIMIT_DATA {64 << 20} bytes per process"),
                (ran.Stdout, wall.Mechanism));
        }
        Assert.Equal("through", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("memory"),
            spec)).Stdout);
    }

    [Fact]
    public async Task Processors_OfTheTree_AreLimitedOrTheWallIsRecordedAbsent()
    {
        // two that work at once, for as long as both together may use a tenth of a processor
        var spec = SandboxFixture.Spec("perl", "-MTime::HiRes=time", "-e",
            "my @p = map { my $p = fork; "
            + "if (!$p) { 1 while do { my @t = times; $t[0] + $t[1] < 0.15 }; exit } $p } 1, 2; "
            + "my $t = time; waitpid $_, 0 for @p; print time - $t > 1.5 ? 'slow' : 'fast'") with
        {
            Limits = SandboxFixture.Limits with { CpusMax = 0.1 },
        };
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, spec);
        var wall = ran.Outcome.Walls.Single(w => w.Wall == "cpu");
        if (wall.Present)
        {
            Assert.Equal(("slow", true), (ran.Stdout,
                wall.Mechanism.StartsWith("cgroup quota of 0.1 processors", StringComparison.Ordinal)));
        }
        else
        {
            Assert.StartsWith("absent: no delegated control group", wall.Mechanism, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("cpu")]
    [InlineData("io")]
    public async Task Wall_ThatTheCommandDemands_IsThereOrRefusesIt(string wall)
    {
        await using var runner = await SandboxRunner.CreateAsync(
            new SandboxOptions { Cgroups = new CgroupFolders("/none", "/none") }, sandbox.Launcher);
        var spec = SandboxFixture.Spec("true") with
        {
            Limits = SandboxFixture.Limits with
            {
                MemoryBytesMax = 64 << 20,
                CpusMax = 1,
                IoBytesPerSecondMax = 1 << 20,
            },
            RequiredWalls = [wall],
        };
        var error = await Assert.ThrowsAsync<Core.Errors.AegisException>(() => runner.RunAsync(spec,
            SandboxIo.None));
        Assert.Equal("AEGIS3003", error.Error.Code);
        Assert.Contains($"'{wall}'", error.Error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Error.Mend);
        Assert.Equal(0, (await SandboxFixture.RunAsync(runner, spec with { RequiredWalls = [] })).Exit);
    }

    [Fact]
    public async Task Wall_ThatIsNotThereAtAll_RefusesTheCommand()
    {
        var spec = SandboxFixture.Spec("true") with { RequiredWalls = ["apparmor"] };
        if (!AppArmorProfile.IsThere())
        {
            var error = await Assert.ThrowsAsync<Core.Errors.AegisException>(() =>
                sandbox.Runner.RunAsync(spec, SandboxIo.None));
            Assert.Equal("AEGIS3003", error.Error.Code);
        }
    }

    /// <summary>The server's user may write there: the command that it starts may not.</summary>
    [Fact]
    public async Task SysFolder_OfTheServersGroups_IsNotWritten()
    {
        var folder = new[] { "/sys/fs/cgroup/memory/aegis", "/sys/fs/cgroup/aegis" }
            .FirstOrDefault(Directory.Exists);
        var act = $"mkdir {folder ?? "/sys/fs/cgroup"}/by-a-command";
        Assert.NotEqual(0, (await sandbox.RunAsync("sh", "-c", act)).Exit);
        if (folder is not null)
        {
            Assert.Equal(0, (await sandbox.OnHostAsync("sh", "-c",
                $"{act} && rmdir {folder}/by-a-command")).Exit);
        }
    }

    /// <summary>Other tests of this process make groups meanwhile, which are empty for a moment: what was
    /// left behind is there at every look.</summary>
    [Fact]
    public async Task Groups_OfEndedCommands_AreRemoved()
    {
        await sandbox.RunAsync("true");
        var left = EmptyGroups();
        for (var look = 0; look < 20 && left.Count > 0; look++)
        {
            await sandbox.RunAsync("true");
            left.IntersectWith(EmptyGroups());
        }
        Assert.Empty(left);
    }

    private static HashSet<string> EmptyGroups() => [.. new[] { "/sys/fs/cgroup/aegis",
        "/sys/fs/cgroup/memory/aegis", "/sys/fs/cgroup/pids/aegis" }
        .Where(Directory.Exists).SelectMany(Directory.GetDirectories)
        .Where(d => Path.GetFileName(d).StartsWith($"s{Environment.ProcessId}-", StringComparison.Ordinal))
        .Where(IsEmpty)];

    // those of ways that are kept open have the process that waits
    private static bool IsEmpty(string group)
    {
        try
        {
            return File.ReadAllText(Path.Combine(group, "cgroup.procs")).Length == 0;
        }
        catch (IOException)
        {
            // it was removed just now
            return false;
        }
    }
}
