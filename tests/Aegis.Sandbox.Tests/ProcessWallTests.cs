using System.Net;
using System.Net.Sockets;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class ProcessWallTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task HostProcess_Signalled_IsNotReached()
    {
        await using var victim = await sandbox.Launcher.StartAsync(new ProcessSpec("sleep", ["1000"],
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty));
        var act = $"kill -9 {victim.Pid}";
        Assert.NotEqual(0, (await sandbox.RunAsync("sh", "-c", act)).Exit);
        Assert.False(victim.Exited.IsCompleted);
        Assert.Equal(0, (await sandbox.OnHostAsync("sh", "-c", act)).Exit);
        Assert.Equal(9, (await victim.Exited).Signal);
    }

    [Fact]
    public async Task HostProcesses_Listed_AreNotSeen()
    {
        const string act = "cd /proc && ls -d [0-9]* | wc -l";
        Assert.InRange(int.Parse((await sandbox.RunAsync("sh", "-c", act)).Stdout), 2, 8);
        var pids = Directory.GetDirectories("/proc").Count(d => char.IsAsciiDigit(d[^1]));
        Assert.True(int.Parse((await sandbox.OnHostAsync("sh", "-c", act)).Stdout) >= pids / 2 && pids > 8);
    }

    [Fact]
    public async Task OtherSandbox_OfTheSameServer_IsNotSeen()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = new CancellationTokenSource();
        var other = sandbox.Runner.RunAsync(SandboxFixture.Spec("sh", "-c",
            "echo > /tmp/mine; echo ready; sleep 1000"),
            new SandboxIo(OnOutput: (_, _) =>
            {
                told.TrySetResult();
                return default;
            }), end.Token);
        await told.Task;
        var ran = await sandbox.RunAsync("sh", "-c",
            "ls /tmp; tr '\\0' ' ' < /dev/null; cat /proc/*/cmdline | tr '\\0' ' '");
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
        Assert.StartsWith("home\n", ran.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("sleep 1000", ran.Stdout, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("environ")]
    [InlineData("cmdline")]
    public async Task FirstProcess_Read_TellsNothingOfTheHost(string file)
    {
        var spec = SandboxFixture.Spec("sh", "-c", $"tr '\\0' ' ' < /proc/1/{file}");
        spec = spec with { Env = spec.Env.Add("GIVEN", "to-the-command") };
        var inside = await SandboxFixture.RunAsync(sandbox.Runner, spec);
        Assert.Equal((0, false, false), (inside.Exit,
            inside.Stdout.Contains(sandbox.Home, StringComparison.Ordinal),
            inside.Stdout.Contains("--setenv", StringComparison.Ordinal)));
        Assert.DoesNotContain("AEGIS_SECRET", inside.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("to-the-command", inside.Stdout, StringComparison.Ordinal);
        // the control: bubblewrap as one would start it, with --clearenv
        var control = await sandbox.OnHostAsync("env", "AEGIS_SECRET=1", "bwrap", "--ro-bind", "/", "/",
            "--unshare-pid",
            "--proc", "/proc", "--clearenv", "--setenv", "AEGIS_SECRET", "1", "/usr/bin/cat",
                $"/proc/1/{file}");
        Assert.Contains("AEGIS_SECRET", control.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostListener_OnLoopback_IsNotReached()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string[] act = ["perl", "-MIO::Socket::INET", "-e",
            $"print IO::Socket::INET->new(PeerAddr => '127.0.0.1:{port}') ? 'through' : 'refused'"];
        Assert.Equal("refused", (await sandbox.RunAsync(act)).Stdout);
        Assert.Equal("through", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("network"),
            SandboxFixture.Spec(act))).Stdout);
    }

    [Fact]
    public async Task HostSocket_OfAbstractName_IsNotReached()
    {
        var name = $"aegis-{Guid.NewGuid():n}";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint("\0" + name));
        socket.Listen();
        string[] act = ["perl", "-MSocket", "-e",
            "socket(S, AF_UNIX, SOCK_STREAM, 0); "
            + $"print connect(S, pack('S a*', 1, \"\\0{name}\")) ? 'through' : 'refused'"];
        Assert.Equal("refused", (await sandbox.RunAsync(act)).Stdout);
        Assert.Equal("through", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("network"),
            SandboxFixture.Spec(act))).Stdout);
    }

    [Fact]
    public async Task Loopback_InTheSandbox_IsUp()
    {
        var ran = await sandbox.RunAsync("perl", "-MIO::Socket::INET", "-e",
            "my $l = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1:0'); "
            + "print IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . $l->sockport) ? 'through' : 'refused'");
        Assert.Equal("through", ran.Stdout);
    }

    [Fact]
    public async Task Walls_OfAnOutcome_AreListedWithTheirMechanism()
    {
        var ran = await sandbox.RunAsync("true");
        Assert.Equal(["uid", "files", "processes", "syscalls", "network", "memory", "pids", "cpu", "disk",
            "workspace"],
            ran.Outcome.Walls.Select(w => w.Wall));
        Assert.All(ran.Outcome.Walls, w => Assert.Equal(w.Mechanism.StartsWith("absent: ",
            StringComparison.Ordinal), !w.Present));
    }
}
