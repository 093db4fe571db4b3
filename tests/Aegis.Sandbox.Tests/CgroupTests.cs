namespace Aegis.Sandbox.Tests;

/// <summary>The walls of control groups, where the machine delegates some; else that their absence is
/// said.</summary>
[Collection("sandbox")]
public sealed class CgroupTests(SandboxFixture sandbox)
{

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
    public async Task Groups_OfEndedCommands_AreRemoved()
    {
        var mine = $"s{Environment.ProcessId}-";
        await sandbox.RunAsync("true");
        var left = new[] { "/sys/fs/cgroup/aegis", "/sys/fs/cgroup/memory/aegis",
            "/sys/fs/cgroup/pids/aegis" }
            .Where(Directory.Exists).SelectMany(Directory.GetDirectories)
            .Where(d => Path.GetFileName(d).StartsWith(mine, StringComparison.Ordinal));
        Assert.Empty(left);
    }
}
