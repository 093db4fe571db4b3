using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class LimitWallTests(SandboxFixture sandbox)
{
    private const string Forks = "my $n = 0; for (1..150) { my $p = fork; last unless defined $p; "
        + "if (!$p) { sleep 1000; exit } $n++; } print $n";

    private static SandboxLimits Limits => SandboxFixture.Limits;

    [Fact]
    public async Task ForkBomb_OfTheCommand_StopsAtItsLimit()
    {
        var spec = SandboxFixture.Spec("perl", "-e", Forks);
        // beside the forks stand pid 1 and perl itself
        Assert.Equal(Limits.ProcessesMax - 2, int.Parse((await SandboxFixture.RunAsync(sandbox.Runner,
            spec)).Stdout));
        Assert.Equal("150", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("pids"), spec)).Stdout);
    }

    [Fact]
    public async Task ForkBombs_OfTwoSandboxes_CountApart()
    {
        var spec = SandboxFixture.Spec("perl", "-e", Forks);
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ =>
            SandboxFixture.RunAsync(sandbox.Runner, spec)));
        Assert.All(both, b => Assert.Equal($"{Limits.ProcessesMax - 2}", b.Stdout));
    }

    [Fact]
    public async Task Memory_OfOneProcess_EndsAtItsLimit()
    {
        var spec = SandboxFixture.Spec("perl", "-e", "my $x = 'x' x (200 << 20); print length $x") with
        {
            Limits = Limits with { MemoryBytesMax = 64L << 20 },
        };
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, spec);
        Assert.Equal("", ran.Stdout);
        Assert.True(ran.Exit is > 0 || ran.Outcome.Signal is not null);
        Assert.Equal($"{200 << 20}", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("memory"),
            spec)).Stdout);
    }

    [Fact]
    public async Task Memory_RequiredOfTheTreeAndNotThere_IsRefused()
    {
        await using var runner = await SandboxRunner.CreateAsync(
            new SandboxOptions { RequiredWalls = ["memory"], Cgroups = new CgroupFolders("/none", "/none") },
                sandbox.Launcher);
        var spec = SandboxFixture.Spec("true") with { Limits = Limits with { MemoryBytesMax = 64L << 20 } };
        var error = await Assert.ThrowsAsync<AegisException>(() => runner.RunAsync(spec, SandboxIo.None));
        Assert.Equal("AEGIS3003", error.Error.Code);
        Assert.Equal(0, (await SandboxFixture.RunAsync(sandbox.Runner, spec)).Exit);
    }

    [Fact]
    public async Task CpuTime_PastItsLimit_EndsTheProcess()
    {
        // user and system time: the limit is on both, and some machines count nearly all as the second
        var spec = SandboxFixture.Spec("perl", "-e",
            "1 while do { my @t = times; $t[0] + $t[1] < 1.5 }; print 'through'") with
        {
            Limits = Limits with { CpuTimeMax = TimeSpan.FromSeconds(1) },
        };
        Assert.Equal((24, ""), await SandboxFixture.RunAsync(sandbox.Runner, spec) is var r
            ? (r.Outcome.Signal, r.Stdout) : default);
        Assert.Equal("through", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("cpu"),
            spec)).Stdout);
    }

    [Theory]
    [InlineData("/tmp/f")]
    [InlineData("/dev/shm/f")]
    [InlineData("/work/f")]
    public async Task Disk_OfTheCommand_EndsAtItsLimit(string path)
    {
        var spec = SandboxFixture.Spec("sh", "-c",
            $"head -c {(16 << 20) - 65536} /dev/zero > {path} && echo fits; "
            + $"head -c {17 << 20} /dev/zero > {path} && echo through") with
        {
            Limits = Limits with { WorkspaceBytesMax = null },
        };
        Assert.Equal("fits", (await SandboxFixture.RunAsync(sandbox.Runner, spec)).Stdout);
        var wider = spec with { Limits = spec.Limits with { TmpBytesMax = 32L << 20 } };
        Assert.Equal("fits\nthrough", (await SandboxFixture.RunAsync(sandbox.Runner, wider)).Stdout);
    }

    [Fact]
    public async Task Inodes_OfTheCommand_EndAtTheirLimit()
    {
        const string act = "my $n = 0; for (1..2000) { open(F, '>', \"/tmp/$_\") or last; $n++ } print $n";
        await using var small = await SandboxRunner.CreateAsync(new SandboxOptions { TmpInodesMax = 1024 },
            sandbox.Launcher);
        Assert.InRange(int.Parse((await SandboxFixture.RunAsync(small, SandboxFixture.Spec("perl", "-e",
            act))).Stdout), 1000, 1023);
        Assert.Equal("2000", (await sandbox.RunAsync("perl", "-e", act)).Stdout);
    }

    [Fact]
    public async Task FileInTheWorkspace_PastItsLimit_EndsTheWriter()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var workspace = await workspaces.OpenAsync("run_fsize", [], "one", 1);
        var spec = SandboxFixture.Spec("head", "-c", $"{17 << 20}",
            "/dev/zero") with { Workspace = workspace };
        spec = spec with { Argv = ["sh", "-c",
            $"head -c {16 << 20} /dev/zero > f && echo fits; "
            + $"head -c {17 << 20} /dev/zero > f && echo through"] };
        Assert.Equal("fits", (await SandboxFixture.RunAsync(sandbox.Runner, spec)).Stdout);
        await workspaces.DiscardAsync(workspace);
        var without = await sandbox.WithoutAsync("workspace");
        var other = new Workspaces(sandbox.Home, without);
        workspace = await other.OpenAsync("run_fsize", [], "one", 1);
        Assert.Equal("fits\nthrough", (await SandboxFixture.RunAsync(without,
            spec with { Workspace = workspace })).Stdout);
        await other.DeleteRunAsync("run_fsize");
    }

    [Theory]
    [InlineData("../x", "working directory")]
    [InlineData("/etc", "working directory")]
    [InlineData("/work/../etc", "working directory")]
    public async Task Spec_OutsideItsRules_IsRefused(string workingDirectory, string what)
    {
        var spec = SandboxFixture.Spec("true") with { WorkingDirectory = workingDirectory };
        var error = await Assert.ThrowsAsync<AegisException>(() => sandbox.Runner.RunAsync(spec,
            SandboxIo.None));
        Assert.Equal(("AEGIS3006", true), (error.Error.Code,
            error.Error.Message.Contains(what, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/usr/cache")]
    [InlineData("/work/cache")]
    [InlineData("/")]
    [InlineData("/opt/../etc")]
    public async Task Mount_OverASystemFolder_IsRefused(string inside)
    {
        var spec = SandboxFixture.Spec("true") with { Mounts = [new ReadOnlyMount(sandbox.Home, inside)] };
        var error = await Assert.ThrowsAsync<AegisException>(() => sandbox.Runner.RunAsync(spec,
            SandboxIo.None));
        Assert.Equal("AEGIS3006", error.Error.Code);
    }

    [Fact]
    public async Task Variables_AtTheirNumber_Arrive_AndOnePastIsRefused()
    {
        var spec = SandboxFixture.Spec("sh", "-c", "env | grep -c ^V_");
        var most = spec with
        {
            Env = Enumerable.Range(0, SpecRules.EnvMax).ToImmutableSortedDictionary(i => $"V_{i}", _ => "x"),
        };
        Assert.Equal($"{SpecRules.EnvMax}", (await SandboxFixture.RunAsync(sandbox.Runner, most)).Stdout);
        await RefusedAsync(most with { Env = most.Env.Add("V_more", "x") }, $"{SpecRules.EnvMax} variables");
    }

    [Fact]
    public async Task Arguments_AtTheirBytes_Arrive_AndOnePastIsRefused()
    {
        var rest = SpecRules.ArgvBytesMax;
        var words = new List<string> { "perl", "-e", "print scalar @ARGV" };
        rest -= words.Sum(w => w.Length + 1);
        while (rest > 0)
        {
            var length = Math.Min(rest - 1, 100_000);
            words.Add(new string('x', length));
            rest -= length + 1;
        }
        Assert.Equal($"{words.Count - 3}", (await sandbox.RunAsync([.. words])).Stdout);
        words[^1] += "x";
        await RefusedAsync(SandboxFixture.Spec([.. words]), $"{SpecRules.ArgvBytesMax} bytes");
    }

    [Fact]
    public async Task Mounts_AtTheirNumber_AreThere_AndOnePastIsRefused()
    {
        var folder = Directory.CreateDirectory(Path.Combine(sandbox.Home, "mounted")).FullName;
        var mounts = Enumerable.Range(0, SpecRules.MountsMax + 1)
            .Select(i => new ReadOnlyMount(folder, $"/opt/m{i}")).ToList();
        var spec = SandboxFixture.Spec("sh", "-c", "ls -d /opt/m* | wc -l");
        Assert.Equal($"{SpecRules.MountsMax}", (await SandboxFixture.RunAsync(sandbox.Runner,
            spec with { Mounts = [.. mounts[..^1]] })).Stdout);
        await RefusedAsync(spec with { Mounts = [.. mounts] }, $"at most {SpecRules.MountsMax}");
    }

    [Fact]
    public async Task Processes_AtTheirLimits_AreTaken_AndOnePastIsRefused()
    {
        foreach (var most in new[] { 8, SpecRules.ProcessesMax })
        {
            var ran = await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("true") with
            {
                Limits = SandboxFixture.Limits with { ProcessesMax = most },
            });
            Assert.Equal(0, ran.Exit);
        }
        foreach (var outside in new[] { 7, SpecRules.ProcessesMax + 1 })
        {
            await RefusedAsync(SandboxFixture.Spec("true") with
            {
                Limits = SandboxFixture.Limits with { ProcessesMax = outside },
            }, $"8 to {SpecRules.ProcessesMax}");
        }
    }

    private async Task RefusedAsync(SandboxSpec spec, string expected)
    {
        var error = await Assert.ThrowsAsync<AegisException>(() => sandbox.Runner.RunAsync(spec,
            SandboxIo.None));
        Assert.Equal("AEGIS3006", error.Error.Code);
        Assert.Contains(expected, error.Error.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Argument_AtItsLimit_Arrives_AndOnePastIsRefused()
    {
        var longest = new string('x', SpecRules.ArgumentBytesMax);
        Assert.Equal($"{longest.Length}", (await sandbox.RunAsync("perl", "-e", "print length $ARGV[0]",
            longest)).Stdout);
        var error = await Assert.ThrowsAsync<AegisException>(() => sandbox.RunAsync("true", longest + "x"));
        Assert.Equal("AEGIS3006", error.Error.Code);
    }
}
