namespace Aegis.Processes.Tests;

public sealed class TreeTests : IDisposable
{
    private readonly ProcessLauncher launcher = new();

    [Fact]
    public async Task KillTree_OfAProcessWithGrandchildren_EndsAll()
    {
        await using var process = await launcher.StartAsync(Launching.Shell(
            "(sleep 1000 & echo $!; wait) & wait"));
        var grandchild = PidRecord.Read(int.Parse(await FirstLineAsync(process)));
        process.KillTree();
        Assert.Equal(9, (await process.Exited).Signal);
        await process.GroupGoneAsync();
        await Launching.EndOfAsync(grandchild);
        Assert.False(process.Signal(15));
    }

    [Fact]
    public async Task Exit_OfTheLeader_EndsWhatItLeftInTheBackground()
    {
        await using var process = await launcher.StartAsync(Launching.Shell(
            "sleep 1000 >/dev/null 2>&1 & echo $!"));
        var left = PidRecord.Read(int.Parse(await FirstLineAsync(process)));
        Assert.Equal(0, (await process.Exited).ExitCode);
        await process.GroupGoneAsync();
        await Launching.EndOfAsync(left);
    }

    [Fact]
    public async Task Signal_OfAProcess_ReachesItsHandler()
    {
        await using var process = await launcher.StartAsync(Launching.Shell(
            "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"));
        await FirstLineAsync(process);
        Assert.True(process.Signal(15));
        Assert.Equal(7, (await process.Exited).ExitCode);
    }

    [Fact]
    public async Task Dispose_OfTheLauncher_EndsEverything()
    {
        var other = new ProcessLauncher();
        var process = await other.StartAsync(Launching.Spec("sleep", "1000"));
        other.Dispose();
        Assert.Equal(9, (await process.Exited).Signal);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
            await other.StartAsync(Launching.Spec("true")));
    }

    [Fact]
    public async Task Server_KilledWithMinusNine_TakesEveryDescendantWithIt()
    {
        await using var server = await launcher.StartAsync(KilledServer.Spec("launch"));
        var reader = new StreamReader(server.Stdout);
        var pids = new List<PidRecord>();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            pids.Add(PidRecord.Read(int.Parse(line))!.Value);
        }
        Assert.Equal(3, pids.Count);
        Assert.All(pids, p => Assert.True(p.IsAlive));
        // only the server itself, not its group: its children lead their own
        server.Signal(9);
        foreach (var pid in pids)
        {
            await Launching.EndOfAsync(pid);
        }
    }

    /// <summary>The kernel lets the first process of a pid namespace go only when every zombie in there was
    /// reaped, and that can be somebody else's business: nobody of ours may wait for it.</summary>
    [Fact]
    public async Task GroupGone_OfANamespaceWhoseZombieNobodyReaps_Completes()
    {
        await using var room = await launcher.StartAsync(Launching.Spec("unshare", "--user",
            "--map-root-user", "--pid", "--fork", "--kill-child=KILL", "sh", "-c",
            "echo ready; exec sleep 1000"));
        await FirstLineAsync(room);
        await using var guest = await launcher.StartAsync(Launching.Spec("nsenter",
            $"--user=/proc/{room.Pid}/ns/user", $"--pid=/proc/{room.Pid}/ns/pid_for_children",
            "--preserve-credentials", "sh", "-c", "echo in; exec sleep 1000"));
        await FirstLineAsync(guest);
        var first = PidRecord.Read(ChildOf(room.Pid))!.Value;
        guest.Signal(19);
        await Launching.StopOfAsync(guest.Pid);

        room.KillTree();
        await room.GroupGoneAsync().WaitAsync(TimeSpan.FromSeconds(60));

        // the control: its entry is there, so whoever waits for that waits in vain
        Assert.True(first.IsAlive);
        guest.KillTree();
        guest.Signal(18);
        await Launching.EndOfAsync(first);
    }

    [Fact]
    public async Task OrphanReaper_OfAnEarlierLife_EndsExactlyWhatIsRecorded()
    {
        var journal = Path.GetTempFileName();
        await using var orphan = await launcher.StartAsync(Launching.Shell("sleep 1000 & wait"));
        await using var stranger = await launcher.StartAsync(Launching.Spec("sleep", "1000"));
        await using var finished = await launcher.StartAsync(Launching.Spec("sleep", "1000"));
        await File.WriteAllTextAsync(journal, $"""
            {PidJournal.BootId()}
            + {orphan.Record}
            + {stranger.Pid} {stranger.StartTicks + 1}
            + {finished.Record}
            - {finished.Record}
            + {stranger.Pid}
            """);
        Assert.Equal(1, await OrphanReaper.EndRecordedAsync(journal));
        Assert.Equal(9, (await orphan.Exited).Signal);
        Assert.True(stranger.Record.IsAlive && finished.Record.IsAlive);
        Assert.False(File.Exists(journal));
    }

    [Fact]
    public async Task OrphanReaper_OfAnEarlierBoot_EndsNothing()
    {
        var journal = Path.GetTempFileName();
        await using var stranger = await launcher.StartAsync(Launching.Spec("sleep", "1000"));
        await File.WriteAllTextAsync(journal, $"{Guid.Empty}\n+ {stranger.Record}\n");
        Assert.Equal(0, await OrphanReaper.EndRecordedAsync(journal));
        Assert.True(stranger.Record.IsAlive);
    }

    [Fact]
    public async Task Journal_OfALauncher_NamesWhatLives()
    {
        var path = Path.Combine(Path.GetTempPath(), $"aegis-journal-{Guid.NewGuid():n}");
        using (var journaled = await ProcessLauncher.OpenAsync(path))
        {
            await using var lives = await journaled.StartAsync(Launching.Spec("sleep", "1000"));
            await using (var ended = await journaled.StartAsync(Launching.Spec("true")))
            {
                await ended.Exited;
            }
            Assert.Contains($"+ {lives.Record}", await File.ReadAllLinesAsync(path));
            // a later life: what is recorded is ended
            Assert.Equal(1, await OrphanReaper.EndRecordedAsync(path));
            Assert.Equal(9, (await lives.Exited).Signal);
        }
        File.Delete(path);
    }

    [Fact]
    public void PidRecord_OfOurselves_IsAliveAndReadsBack()
    {
        var record = PidRecord.Read(Environment.ProcessId)!.Value;
        Assert.True(record.IsAlive);
        Assert.Equal(record, PidRecord.Parse(record.ToString()));
        Assert.False((record with { StartTicks = record.StartTicks + 1 }).IsAlive);
        Assert.Null(PidRecord.Parse("1 5"));
        Assert.Null(PidRecord.Read(int.MaxValue));
    }

    public void Dispose() => launcher.Dispose();

    private static int ChildOf(int pid) =>
        int.Parse(File.ReadAllText($"/proc/{pid}/task/{pid}/children").Trim());

    private static async Task<string> FirstLineAsync(LaunchedProcess process) =>
        (await new StreamReader(process.Stdout).ReadLineAsync())!;
}
