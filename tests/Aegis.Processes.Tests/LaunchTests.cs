namespace Aegis.Processes.Tests;

public sealed class LaunchTests : IDisposable
{
    private readonly ProcessLauncher launcher = new();

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 255", 255, null)]
    [InlineData("kill -9 $$", null, 9)]
    [InlineData("kill -15 $$", null, 15)]
    public async Task Exit_OfAProcess_IsItsCodeOrItsSignal(string script, int? code, int? signal)
    {
        var (exit, _, _) = await launcher.RunAsync(Launching.Shell(script));
        Assert.Equal(new ProcessExit(code, signal), exit);
    }

    [Fact]
    public async Task Arguments_OfAnyText_ArriveAsTheyAre()
    {
        string[] odd = ["", " ", "a b", "'", "\"", "$HOME", "línea\n2", "*", "-n", "\\"];
        var (_, stdout, _) = await launcher.RunAsync(Launching.Spec(["printf", "%s|", .. odd]));
        Assert.Equal(string.Concat(odd.Select(o => o + "|")), stdout);
    }

    [Fact]
    public async Task Environment_OfTheServer_IsNotInherited()
    {
        var (_, stdout, _) = await launcher.RunAsync(Launching.Spec("env") with
        {
            Environment = Launching.Environment.Add("ONLY", "this"),
        });
        Assert.Equal("ONLY=this\nPATH=/usr/bin:/bin\n", stdout);
    }

    [Fact]
    public async Task State_OfTheServer_IsNotInherited()
    {
        using var open = File.OpenHandle("/dev/null");
        var (_, stdout, _) = await launcher.RunAsync(Launching.Shell(
            "pwd; ls /proc/self/fd | tr '\\n' ' '; "
            + "grep -E '^Sig(Ign|Blk):' /proc/self/status; cut -d' ' -f1,5,6 /proc/$$/stat")
            with { WorkingDirectory = "/tmp" });
        var lines = stdout.Split('\n');
        Assert.Equal("/tmp", lines[0]);
        Assert.Equal("0 1 2 3 SigBlk:\t0000000000000000", lines[1]);
        Assert.Equal("SigIgn:\t0000000000000000", lines[2]);
        var ids = lines[3].Split(' ');
        Assert.Equal((ids[0], ids[0]), (ids[1], ids[2]));
    }

    [Fact]
    public async Task Stdin_OfAPipe_ReachesTheProcess()
    {
        var (exit, stdout, stderr) = await launcher.RunAsync(
            Launching.Shell("cat; echo err >&2; exit 3") with { Stdin = StdinMode.Pipe }, "some input");
        Assert.Equal((new ProcessExit(3, null), "some input", "err\n"), (exit, stdout, stderr));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(63)]
    public async Task InheritedFile_AtItsNumber_IsReadable(int number)
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "inherited");
        using var file = File.OpenHandle(path);
        var (_, stdout, _) = await launcher.RunAsync(Launching.Spec("cat", $"/proc/self/fd/{number}") with
        {
            Inherited = [new InheritedFile(number, file)],
        });
        File.Delete(path);
        Assert.Equal("inherited", stdout);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public async Task InheritedFile_OutsideItsNumbers_IsRefused(int number)
    {
        using var file = File.OpenHandle("/dev/null");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await launcher.StartAsync(
            Launching.Spec("true") with { Inherited = [new InheritedFile(number, file)] }));
    }

    [Theory]
    [InlineData("/no/such/program", 2)]
    [InlineData("no-such-program", 2)]
    [InlineData("/etc/passwd", 13)]
    public async Task Start_OfWhatIsNoProgram_SaysWhy(string file, int errno)
    {
        var error = await Assert.ThrowsAsync<ProcessStartException>(async () =>
            await launcher.StartAsync(Launching.Spec(file)));
        Assert.Equal(errno, error.Errno);
    }

    [Fact]
    public async Task Start_WithNulInAnArgument_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await launcher.StartAsync(Launching.Spec("echo", "a\0b")));

    [Fact]
    public async Task Start_AtTheLimitOfLiveProcesses_IsRefusedOnePast()
    {
        using var small = new ProcessLauncher(null, liveMax: 2);
        await using var first = await small.StartAsync(Launching.Spec("sleep", "1000"));
        await using (await small.StartAsync(Launching.Spec("sleep", "1000")))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () =>
                await small.StartAsync(Launching.Spec("true")));
        }
        await using var again = await small.StartAsync(Launching.Spec("true"));
        Assert.Equal(0, (await again.Exited).ExitCode);
    }

    [Fact]
    public async Task Process_StartedByAThreadThatEnds_LivesOn()
    {
        // the parent-death signal follows the thread that forked: it must not be the caller's
        LaunchedProcess? process = null;
        var caller = new Thread(() => process = launcher.StartAsync(
            Launching.Spec("setpriv", "--pdeathsig", "KILL",
                "cat") with { Stdin = StdinMode.Pipe }).AsTask().Result);
        caller.Start();
        caller.Join();
        await using var cat = process!;
        await cat.Stdin.WriteAsync("x"u8.ToArray());
        await cat.Stdin.DisposeAsync();
        Assert.Equal("x", await new StreamReader(cat.Stdout).ReadToEndAsync());
        Assert.Equal(0, (await cat.Exited).ExitCode);
    }

    [Fact]
    public async Task Output_NobodyReads_HoldsTheProcessUp()
    {
        await using var process = await launcher.StartAsync(Launching.Shell(
            "head -c 10000000 /dev/zero; echo done >&2"));
        var done = new StreamReader(process.Stderr).ReadLineAsync();
        var buffer = new byte[4096];
        await process.Stdout.ReadExactlyAsync(buffer);
        Assert.False(done.IsCompleted);
        await process.Stdout.CopyToAsync(Stream.Null);
        Assert.Equal("done", await done);
    }

    [Fact]
    public async Task Processes_ManyAtOnce_AllEndAndLeaveNoZombie()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            await using var process = await launcher.StartAsync(Launching.Shell($"exit {i}"));
            return (Code: (await process.Exited).ExitCode, process.Record);
        }));
        Assert.Equal(Enumerable.Range(0, 100), all.Select(a => a.Code!.Value));
        Assert.All(all, a => Assert.False(a.Record.IsAlive));
    }

    public void Dispose() => launcher.Dispose();
}
