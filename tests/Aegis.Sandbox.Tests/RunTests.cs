using System.Runtime.InteropServices;
using Aegis.Core.Errors;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class RunTests(SandboxFixture sandbox)
{
    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 3", 3, null)]
    [InlineData("kill -9 $$", null, 9)]
    [InlineData("kill -11 $$", null, 11)]
    public async Task End_OfACommand_IsItsCodeOrItsSignal(string script, int? code, int? signal)
    {
        var ran = await sandbox.RunAsync("sh", "-c", script);
        Assert.Equal((code, signal, false, ""), (ran.Exit, ran.Outcome.Signal, ran.Outcome.TimedOut,
            ran.Stderr));
    }

    [Fact]
    public async Task Program_ThatIsNotThere_Is127() => Assert.Equal(127,
        (await sandbox.RunAsync("no-such-program")).Exit);

    [Fact]
    public async Task Folder_ThatIsNotThere_IsSaid()
    {
        var ran = await SandboxFixture.RunAsync(sandbox.Runner,
            SandboxFixture.Spec("true") with { WorkingDirectory = "/work/none" });
        Assert.Equal((126, "no folder /work/none"), (ran.Exit, ran.Stderr));
    }

    [Fact]
    public async Task Environment_Inside_IsTheSpecsAndFourMore()
    {
        const string odd = "two\nlines='1' $HOME `id` \\";
        var spec = SandboxFixture.Spec("env", "-0") with { Env = SandboxFixture.Spec("x").Env.Add("A", odd) };
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, spec);
        string[] expected =
        [
            $"A={odd}", "HOME=/tmp/home", "LANG=C.UTF-8",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PWD=/work", "TERM=dumb",
        ];
        Assert.Equal(expected, ran.Stdout.TrimEnd('\0').Split('\0').Order(StringComparer.Ordinal)
            .Where(e => !e.StartsWith("OLDPWD=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Environment_OfTheWorkflow_ReachesNoProgramThatSetsALimit()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var workspace = await workspaces.OpenAsync("run_path", [], "one", 1);
        const string plant = "mkdir evil; for p in sh prlimit env; do "
            + "echo '#!/bin/sh\necho hijacked' > evil/$p; chmod 755 evil/$p; done";
        var spec = SandboxFixture.Spec("/bin/sh", "-c", plant) with { Workspace = workspace };
        Assert.Equal(0, (await SandboxFixture.RunAsync(sandbox.Runner, spec)).Exit);
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, spec with
        {
            Argv = ["/usr/bin/grep", "Max processes", "/proc/self/limits"],
            Env = spec.Env.Add("PATH", "/work/evil").Add("LD_PRELOAD", "/work/evil/none.so"),
        });
        Assert.Equal($"Max processes {SandboxFixture.Limits.ProcessesMax}",
            string.Join(' ', ran.Stdout.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(3)));
        // only the command itself met the preload
        Assert.Single(ran.Stderr.Split('\n'));
        await workspaces.DeleteRunAsync("run_path");
    }

    [Theory]
    [InlineData("")]
    [InlineData("1A")]
    [InlineData("A;id")]
    public async Task Environment_WithANameThatIsNone_IsRefused(string name)
    {
        var spec = SandboxFixture.Spec("true");
        var error = await Assert.ThrowsAsync<AegisException>(() => sandbox.Runner.RunAsync(
            spec with { Env = spec.Env.Add(name, "x") }, SandboxIo.None));
        Assert.Equal("AEGIS3006", error.Error.Code);
    }

    [Fact]
    public async Task OpenFiles_OfTheRunner_DoNotReachTheCommand()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var workspace = await workspaces.OpenAsync("run_files", [], "one", 1);
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("sh", "-c",
            "ls /proc/self/fd | tr '\\n' ' '; "
            + "for f in /proc/1/fd/*; do readlink $f; done | grep -vc -e pipe -e null") with
        {
            Workspace = workspace,
        });
        Assert.Equal("0 1 2 3 0", ran.Stdout);
        await workspaces.DeleteRunAsync("run_files");
    }

    [Fact]
    public async Task WorkFolder_HasItsTwoNames()
    {
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("sh", "-c",
            "echo x > /work/f; cat f") with
        {
            WorkingDirectory = "/app/workplace",
        });
        Assert.Equal("x", ran.Stdout);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(3_000_000)]
    public async Task Stdin_OfBytes_ReachesTheCommand(int bytes)
    {
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("wc", "-c"),
            new SandboxIo(new byte[bytes]));
        Assert.Equal($"{bytes}", ran.Stdout);
    }

    [Fact]
    public async Task Stdin_ThatNobodyReads_IsNoError() => Assert.Equal(0,
        (await SandboxFixture.RunAsync(sandbox.Runner,
        SandboxFixture.Spec("true"), new SandboxIo(new byte[3_000_000]))).Exit);

    [Fact]
    public async Task Files_ForStdinAndStdout_AreCopiedWhole()
    {
        var (from, to) = (Path.Combine(sandbox.Home, "from"), Path.Combine(sandbox.Home, "to"));
        var bytes = new byte[2_000_001];
        Random.Shared.NextBytes(bytes);
        await File.WriteAllBytesAsync(from, bytes);
        var outcome = await sandbox.Runner.RunAsync(SandboxFixture.Spec("cat"),
            new SandboxIo(StdinFile: from, StdoutFile: to));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(to));
    }

    [Fact]
    public async Task Output_OfAnySize_StaysInBoundedMemory()
    {
        const long bytes = 300L << 20;
        var (seen, buffers) = (0L, new HashSet<byte[]>());
        await sandbox.Runner.RunAsync(SandboxFixture.Spec("head", "-c", $"{bytes}", "/dev/zero"),
            new SandboxIo(OnOutput: (_, piece) =>
        {
            seen += piece.Length;
            Assert.True(MemoryMarshal.TryGetArray(piece, out var part));
            buffers.Add(part.Array!);
            return default;
        }));
        Assert.Equal(bytes, seen);
        // one array for all of it; the pool may give one of the next size
        Assert.InRange(Assert.Single(buffers).Length, OutputPump.PieceBytes, OutputPump.PieceBytes * 2);
    }

    [Fact]
    public async Task Output_WithASlowTaker_HoldsTheCommandUp()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pieces = 0;
        var running = sandbox.Runner.RunAsync(SandboxFixture.Spec("sh", "-c",
            "head -c 5000000 /dev/zero; echo late >&2"),
            new SandboxIo(OnOutput: async (channel, _) =>
            {
                if (channel == OutputChannel.Stderr)
                {
                    late.SetResult();
                }
                else if (Interlocked.Increment(ref pieces) == 1)
                {
                    await release.Task;
                }
            }));
        Assert.False(late.Task.IsCompleted);
        release.SetResult();
        Assert.Equal(0, (await running).ExitCode);
        Assert.True(late.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Output_WhoseTakerFails_EndsTheCommand() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
        sandbox.Runner.RunAsync(SandboxFixture.Spec("yes"), new SandboxIo(OnOutput: (_, _) =>
            throw new InvalidOperationException("full"))));

    [Fact]
    public async Task WallTime_PastItsLimit_EndsTheWholeTree()
    {
        var spec = SandboxFixture.Spec("sh", "-c", "setsid sleep 1000 & trap '' TERM INT; sleep 1000") with
        {
            Limits = SandboxFixture.Limits with { WallTimeMax = TimeSpan.FromMilliseconds(300) },
        };
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, spec);
        Assert.Equal((null, 9, true), (ran.Exit, ran.Outcome.Signal, ran.Outcome.TimedOut));
    }

    [Fact]
    public async Task Cancelling_ACommand_EndsGrandchildrenInOtherSessions()
    {
        var marker = $"10{Random.Shared.Next(100000, 999999)}";
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancel = new CancellationTokenSource();
        var running = sandbox.Runner.RunAsync(SandboxFixture.Spec("sh", "-c",
            $"setsid sh -c 'setsid sh -c \": {marker}; echo ready; sleep 1000; :\" & wait' & wait"),
            new SandboxIo(OnOutput: (_, _) =>
            {
                ready.TrySetResult();
                return default;
            }), cancel.Token);
        await ready.Task;
        Assert.Contains(Cmdlines(), c => c.Contains(marker, StringComparison.Ordinal));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.DoesNotContain(Cmdlines(), c => c.Contains(marker, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Background_LeftByACommand_IsGoneWhenItReturns()
    {
        var marker = $"10{Random.Shared.Next(100000, 999999)}";
        var ran = await sandbox.RunAsync("sh", "-c",
            $"setsid sleep {marker} > /dev/null 2>&1 & echo started");
        Assert.Equal((0, "started"), (ran.Exit, ran.Stdout));
        Assert.DoesNotContain($"sleep\0{marker}\0", Cmdlines());
    }

    [Fact]
    public async Task Namespace_OfTheServerKilled_IsMadeAnew()
    {
        await using var runner = await SandboxRunner.CreateAsync(new SandboxOptions(), sandbox.Launcher);
        var workspaces = new Workspaces(sandbox.Home, runner);
        var workspace = await workspaces.OpenAsync("run_anew", [], "one", 1);
        var spec = SandboxFixture.Spec("sh", "-c", "echo x >> f; cat f") with { Workspace = workspace };
        Assert.Equal("x", (await SandboxFixture.RunAsync(runner, spec)).Stdout);
        await (await runner.RoomAsync(default)).DisposeAsync();
        Assert.Equal("x\nx", (await SandboxFixture.RunAsync(runner, spec)).Stdout);
        await workspaces.DeleteRunAsync("run_anew");
    }

    [Fact]
    public async Task Sandboxes_ManyAtOnce_AllEnd()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 24).Select(i =>
            sandbox.RunAsync("sh", "-c", $"exit {i}")));
        Assert.Equal(Enumerable.Range(0, 24), all.Select(r => r.Exit!.Value));
    }

    private static List<string> Cmdlines()
    {
        var lines = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(d[^1])))
        {
            try
            {
                lines.Add(File.ReadAllText(folder + "/cmdline"));
            }
            catch (IOException)
            {
                // it ended while we looked
            }
        }
        return lines;
    }
}
