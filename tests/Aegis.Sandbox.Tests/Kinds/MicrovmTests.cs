using Aegis.Core.Errors;
using Aegis.Processes;
using Aegis.Sandbox.Kinds.Microvm;
using Xunit.Abstractions;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Kinds;

[Collection("microvm")]
[Trait("Category", "Slow")]
public sealed class MicrovmTests(MicrovmFixture vm, ITestOutputHelper output)
{
    [Fact]
    public async Task Command_InAMachine_HasItsOutputsAndItsExit()
    {
        var spec = MicrovmFixture.Spec("sh", "-c",
            "read x; echo out $x \"$GIVEN\"; echo err >&2; uname -r; tr '\\0' ' ' </proc/1/environ; "
            + "exit 7");
        spec = spec with { Env = spec.Env.Add("GIVEN", "a 'b'  c") };
        var ran = await SandboxFixture.RunAsync(vm.Runner, spec, new SandboxIo(Stdin: "typed\n"u8.ToArray()));
        output.WriteLine($"{ran.Outcome.Duration.TotalSeconds:0.00} s");
        output.WriteLine(string.Join('\n', ran.Outcome.Walls));
        Assert.Equal(7, ran.Exit);
        Assert.StartsWith("out typed a 'b'  c\n", ran.Stdout, StringComparison.Ordinal);
        Assert.StartsWith("err", ran.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), ran.Stdout,
            StringComparison.Ordinal);
        Assert.Equal(["uid", "files", "processes", "syscalls", "network", "memory", "pids", "cpu", "disk",
            "workspace"], ran.Outcome.Walls.Where(w => w.Present).Select(w => w.Wall));
    }

    [Fact]
    public async Task Workspace_OfAMachine_ComesBackAsItWasChanged()
    {
        var workspaces = new Workspaces(vm.Home, vm.Runner);
        var first = await workspaces.OpenAsync("run_vm", [], "one", 1);
        await SandboxFixture.RunAsync(vm.Runner, SandboxFixture.Spec("sh", "-c",
            "mkdir -p keep gone/sub again; echo a > keep/a; echo b > keep/b; echo c > gone/sub/c; "
            + "echo d > again/old; echo e > to-folder; ln -s keep link; printf x > 'odd name'") with
        {
            Workspace = first,
        });
        var layer = (await workspaces.SealAsync(first)).LayerId!;
        var second = await workspaces.OpenAsync("run_vm", [layer], "two", 1);
        var ran = await SandboxFixture.RunAsync(vm.Runner, MicrovmFixture.Spec("bash", "-c",
            "cat link/a && echo more >> keep/a && rm keep/b 'odd name' && rm -r gone again && mkdir again && "
            + "echo f > again/new && rm to-folder && mkdir to-folder && echo g > to-folder/g && "
            + "chmod 700 keep && ln keep/a hard && id -u") with { Workspace = second });
        Assert.Equal((0, "a\n1000"), (ran.Exit, ran.Stdout));
        const string list = "find . -mindepth 1 | sort | tr '\\n' ' '; cat keep/a again/new to-folder/g; "
            + "stat -c '%a %h %U' keep keep/a";
        var seen = await SandboxFixture.RunAsync(vm.Runner,
            SandboxFixture.Spec("sh", "-c", list) with { Workspace = second });
        Assert.Equal("./again ./again/new ./hard ./keep ./keep/a ./link ./to-folder ./to-folder/g "
            + "a\nmore\nf\ng\n700 2 aegis\n644 2 aegis", seen.Stdout);
        var sealedSecond = await workspaces.SealAsync(second);
        // nothing that was not touched was copied
        Assert.InRange(sealedSecond.EntryCount, 8, 14);
        await workspaces.DeleteRunAsync("run_vm");
    }

    [Fact]
    public async Task Folders_OfTheSpec_AreReadOnlyInside()
    {
        var folder = Directory.CreateDirectory(Path.Combine(vm.Home, "cache")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "f"), "cached");
        File.SetUnixFileMode(folder, (UnixFileMode)0x1ff);
        var ran = await SandboxFixture.RunAsync(vm.Runner, MicrovmFixture.Spec("sh", "-c",
            "cat /opt/cache/f; echo x > /opt/cache/new; echo x > /usr/new; echo x > /new") with
        {
            Mounts = [new ReadOnlyMount(folder, "/opt/cache")],
        });
        Assert.Equal(("cached", 3), (ran.Stdout,
            ran.Stderr.Split('\n').Count(l => l.Contains("Read-only file system",
                StringComparison.Ordinal))));
    }

    /// <summary>Bombs of memory, processes, disk and files, each within the same machine.</summary>
    [Fact]
    public async Task Bombs_InAMachine_EndAtTheirLimits()
    {
        var ran = await SandboxFixture.RunAsync(vm.Runner, MicrovmFixture.Spec("bash", "-c", """
            perl -e 'my $n = 0;
              for (1..150) { my $p = fork; last unless defined $p; if (!$p) { sleep 1000 } $n++ }
              print "forks $n\n"; kill 9, -$$' & wait
            (head -c 40000000 /dev/zero > /work/big) 2>/dev/null; echo "work $(stat -c %s /work/big)"
            rm -f /work/big
            (head -c 40000000 /dev/zero > /tmp/big) 2>/dev/null; echo "tmp $(stat -c %s /tmp/big)"
            rm -f /tmp/big
            perl -e 'my $n = 0; for (1..6000) { open(F, ">", "/work/f$_") or last; close F; $n++ }
              print "files $n\n"'
            perl -e 'my $x = "x" x (600 << 20); print "memory\n"'; echo "killed $?"
            """));
        var said = ran.Stdout.Split('\n').Select(l => l.Split(' ')).ToDictionary(w => w[0], w => w[^1]);
        output.WriteLine(ran.Stdout + ran.Stderr);
        Assert.InRange(int.Parse(said["forks"]), 32, 63);
        Assert.Equal(("16777216", "16777216"), (said["work"], said["tmp"]));
        Assert.InRange(int.Parse(said["files"]), 3_900, 4_096);
        Assert.Equal((false, true), (said.ContainsKey("memory"), said["killed"] != "0"));
    }

    [Fact]
    public async Task Variable_OfTheCommand_ShowsInNoCommandLineOfTheHost()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = new CancellationTokenSource();
        var secret = $"value{Guid.NewGuid():n}";
        var command = default(PidRecord);
        var spec = MicrovmFixture.Spec("sh", "-c", "echo ready; sleep 1000");
        var running = vm.Runner.RunAsync(spec with { Env = spec.Env.Add("SECRET", secret) },
            new SandboxIo(OnStart: started => command = started, OnOutput: (_, _) =>
            {
                told.TrySetResult();
                return default;
            }), end.Token);
        await told.Task;
        var machines = Sightings.Records("virtserialport", command);
        Assert.NotEmpty(machines);
        Assert.Empty(Sightings.Records(secret));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        foreach (var machine in machines)
        {
            await Sightings.EndOfAsync(machine);
        }
    }

    [Fact]
    public async Task Image_AsTheSystemOfAMachine_IsWhatTheCommandSees()
    {
        var images = Path.Combine(vm.Home, "images");
        var shelf = new ImageShelf(Directory.CreateDirectory(images).FullName);
        await shelf.AddAsync("busybox", LayoutWriter.OfBusybox(Path.Combine(vm.Home, "layout")).Write());
        await new MicrovmPreparation(vm.Launcher, vm.Folder).PackImageAsync("busybox",
            shelf.RootOf("busybox"));
        var ran = await SandboxFixture.RunAsync(vm.Runner, MicrovmFixture.Spec("sh", "-c",
            "ls /usr 2>&1; ls /bin/busybox; cat /etc/shadow; touch /work/x && echo written") with
        {
            Image = "busybox",
        });
        Assert.Equal("ls: /usr: No such file or directory\n/bin/busybox\nwritten", ran.Stdout);
    }

    [Fact]
    public async Task Folders_OfAMachine_AtTheirNumberAndPast()
    {
        var mounts = Enumerable.Range(0, MicrovmKind.MountsMax + 1).Select(i =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(vm.Home, $"many{i}")).FullName;
            File.WriteAllText(Path.Combine(folder, "f"), $"{i} ");
            File.SetUnixFileMode(folder, (UnixFileMode)0x1ed);
            return new ReadOnlyMount(folder, $"/opt/many{i:00}");
        }).ToList();
        var spec = MicrovmFixture.Spec("sh", "-c", "cat /opt/many*/f");
        var ran = await SandboxFixture.RunAsync(vm.Runner, spec with
        {
            Mounts = [.. mounts[..^1]],
        });
        Assert.Equal(string.Join(' ', Enumerable.Range(0, MicrovmKind.MountsMax)), ran.Stdout);
        var error = await Assert.ThrowsAsync<AegisException>(() => vm.Runner.RunAsync(
            spec with { Mounts = [.. mounts] }, SandboxIo.None));
        Assert.Equal(("AEGIS3201", $"at most {MicrovmKind.MountsMax}", $"{MicrovmKind.MountsMax + 1}"),
            (error.Error.Code, error.Error.Expected, error.Error.Got));
    }

    /// <summary>One file is bounded by its own limit; all of them by the disk.</summary>
    [Fact]
    public async Task Disk_OfAMachine_TakesItsLimitAndNotMuchMore()
    {
        const int limit = 4 << 20;
        var spec = MicrovmFixture.Spec("sh", "-c", $"""
            head -c {limit} /dev/zero > a && stat -c %s a
            rm a; (head -c {limit + 1} /dev/zero > b) 2>/dev/null; stat -c %s b; rm b
            i=0; while [ $i -lt 40 ]; do
              (head -c 1000000 /dev/zero > f$i) 2>/dev/null || break; i=$((i+1)); done; echo $i
            """);
        var ran = await SandboxFixture.RunAsync(vm.Runner, spec with
        {
            Limits = spec.Limits with { WorkspaceBytesMax = limit },
        });
        var said = ran.Stdout.Split('\n');
        Assert.Equal(($"{limit}", $"{limit}"), (said[0], said[1]));
        // what the file system needs for itself is on the same disk: 4 MiB and 256 bytes for each inode
        const int disk = limit + (4 << 20) + (4_096 * 256);
        Assert.InRange(int.Parse(said[2]), limit / 1_000_000, disk / 1_000_000);
    }

    [Fact]
    public async Task Terminal_InAMachine_IsRefused()
    {
        var error = await Assert.ThrowsAsync<AegisException>(() => vm.Runner.RunAsync(
            MicrovmFixture.Spec("true") with { Pty = true }, SandboxIo.None));
        Assert.Equal("AEGIS3201", error.Error.Code);
    }

    [Fact]
    public async Task Machine_ThatTakesTooLong_IsEnded()
    {
        var spec = MicrovmFixture.Spec("sleep", "1000");
        var ran = await SandboxFixture.RunAsync(vm.Runner, spec with
        {
            Limits = spec.Limits with { WallTimeMax = TimeSpan.FromSeconds(1) },
        });
        Assert.True(ran.Outcome.TimedOut);
    }
}
