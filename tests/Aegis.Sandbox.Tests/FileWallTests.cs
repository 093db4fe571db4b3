using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class FileWallTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task HostFile_OfTheServer_IsNotThere()
    {
        var secret = Path.Combine(sandbox.Home, "secret");
        await File.WriteAllTextAsync(secret, "token");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.NotEqual(0, (await sandbox.RunAsync("cat", secret)).Exit);
        Assert.Equal("token", (await sandbox.OnHostAsync("cat", secret)).Stdout);
    }

    [Theory]
    [InlineData("/etc/shadow")]
    [InlineData("/etc/hostname")]
    [InlineData("/var/lib")]
    [InlineData("/home")]
    [InlineData("/sys/kernel")]
    [InlineData("/boot")]
    [InlineData("/proc/1/root/var/lib")]
    [InlineData("/tmp/../var/lib")]
    public async Task HostPath_OutsideWhatIsShown_IsNotThere(string path)
    {
        Assert.NotEqual(0, (await sandbox.RunAsync("test", "-e", path)).Exit);
        var onHost = path.StartsWith("/proc/1/", StringComparison.Ordinal) ? "/proc/self/root/var/lib" : path;
        Assert.Equal(0, (await sandbox.OnHostAsync("test", "-e", onHost)).Exit);
    }

    [Fact]
    public async Task Link_OutOfTheWorkspace_LeadsNowhere()
    {
        var secret = Path.Combine(sandbox.Home, "linked");
        await File.WriteAllTextAsync(secret, "token");
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var workspace = await workspaces.OpenAsync("run_link", [], "one", 1);
        var spec = SandboxFixture.Spec("sh", "-c",
            $"ln -s {secret} link; cat link") with { Workspace = workspace };
        Assert.Equal((1, ""), await SandboxFixture.RunAsync(sandbox.Runner, spec) is var r ? (r.Exit,
            r.Stdout) : default);
        Assert.Equal("token", (await sandbox.OnHostAsync("cat",
            Path.Combine(workspace.UpperDirectory, "link"))).Stdout);
        await workspaces.DiscardAsync(workspace);
    }

    [Fact]
    public async Task HostFolder_ShownReadOnly_CanBeReadAndNotWritten()
    {
        var folder = Directory.CreateDirectory(Path.Combine(sandbox.Home, "cache")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "f"), "cached");
        File.SetUnixFileMode(folder, (UnixFileMode)0x1ff);
        var spec = SandboxFixture.Spec("sh", "-c", "cat /opt/cache/f; echo x > /opt/cache/new") with
        {
            Mounts = [new ReadOnlyMount(folder, "/opt/cache")],
        };
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, spec);
        Assert.Equal("cached", ran.Stdout);
        Assert.Contains("Read-only file system", ran.Stderr, StringComparison.Ordinal);
        Assert.Equal(0, (await sandbox.OnHostAsync("sh", "-c", $"echo x > {folder}/new")).Exit);
    }

    [Theory]
    [InlineData("/usr/bin/new")]
    [InlineData("/etc/new")]
    [InlineData("/new")]
    [InlineData("/dev/new")]
    [InlineData("/var/new")]
    public async Task SystemPath_Written_IsReadOnly(string path)
    {
        var ran = await sandbox.RunAsync("sh", "-c", $"echo x > {path}");
        Assert.Contains("Read-only file system", ran.Stderr, StringComparison.Ordinal);
        // the same act where the sandbox may write
        Assert.Equal(0, (await sandbox.RunAsync("sh", "-c", "echo x > /tmp/new && echo x > /work/new")).Exit);
    }

    [Theory]
    [InlineData("kernel/core_pattern", false)]
    [InlineData("net/ipv4/ip_forward", true)]
    public async Task KernelSetting_Written_IsRefused(string setting, bool ofANamespace)
    {
        var act = $"echo 1 > /proc/sys/{setting}";
        Assert.NotEqual(0, (await sandbox.RunAsync("sh", "-c", act)).Exit);
        if (ofANamespace)
        {
            // in a bare user namespace of the same user it works; core_pattern needs the machine's root
            Assert.Equal(0, (await sandbox.OnHostAsync("unshare", "--user", "--map-root-user", "--uts",
                "--net",
                "--mount", "sh", "-c", act)).Exit);
        }
    }

    [Theory]
    [InlineData("/dev/kmsg")]
    [InlineData("/dev/fuse")]
    public async Task Device_OfTheHost_IsNotThere(string path)
    {
        Assert.NotEqual(0, (await sandbox.RunAsync("test", "-e", path)).Exit);
        Assert.Equal(0, (await sandbox.OnHostAsync("test", "-e", path)).Exit);
    }

    [Fact]
    public async Task SetuidProgram_Started_GainsNothing()
    {
        // passwd -S reads /etc/shadow by its setuid bit
        string[] act = ["sh", "-c", "passwd -S 2>&1; sed -n 's/^NoNewPrivs:.//p' /proc/self/status"];
        var inside = await sandbox.RunAsync(act);
        Assert.EndsWith("1", inside.Stdout, StringComparison.Ordinal);
        var control = await sandbox.OnHostAsync(act);
        Assert.StartsWith(Environment.UserName + " ", control.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain(control.Stdout.Split('\n')[0], inside.Stdout, StringComparison.Ordinal);
        Assert.EndsWith("0", control.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uid_OfTheCommand_IsNotTheServers()
    {
        Assert.Equal("1000 1", (await sandbox.RunAsync("sh", "-c",
            "read -r a b c < /proc/self/uid_map; echo $a $c")).Stdout);
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = new CancellationTokenSource();
        var marker = $"marker-{Guid.NewGuid():n}";
        var running = sandbox.Runner.RunAsync(SandboxFixture.Spec("sh", "-c",
            $": {marker}; echo ready; sleep 1000"),
            new SandboxIo(OnOutput: (_, _) =>
            {
                told.TrySetResult("");
                return default;
            }), end.Token);
        await told.Task;
        var uid = HostUidOf(marker);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        if (sandbox.Runner.Walls.Single(w => w.Wall == "uid").Mechanism.StartsWith("own host uid",
            StringComparison.Ordinal))
        {
            Assert.NotEqual(Libc.geteuid(), uid);
        }
        var control = await sandbox.OnHostAsync("id", "-u");
        Assert.Equal($"{Libc.geteuid()}", control.Stdout);
    }

    [Fact]
    public async Task SingleUid_WhereThereIsNoSubuidRange_HasAllWallsAndSaysSo()
    {
        await using var runner = await SandboxRunner.CreateAsync(
            new SandboxOptions { Uid = UidWall.SingleUid },
            sandbox.Launcher);
        var workspaces = new Workspaces(sandbox.Home, runner);
        var workspace = await workspaces.OpenAsync("run_single", [], "one", 1);
        var ran = await SandboxFixture.RunAsync(runner, SandboxFixture.Spec("sh", "-c",
            "touch f; id -u; grep CapEff /proc/self/status; ls /home /root /var/lib") with
        {
            Workspace = workspace,
        });
        Assert.Equal("1000\nCapEff:\t0000000000000000\n/root:", ran.Stdout);
        Assert.StartsWith("single-uid", ran.Outcome.Walls.Single(w => w.Wall == "uid").Mechanism,
            StringComparison.Ordinal);
        Assert.Equal("one.1", (await workspaces.SealAsync(workspace)).LayerId);
        await workspaces.DeleteRunAsync("run_single");
    }

    private static uint HostUidOf(string marker)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(d[^1])))
        {
            try
            {
                var argv = File.ReadAllText(folder + "/cmdline").Split('\0');
                if (argv[0] == "sh" && argv.Length > 2 && argv[2].Contains(marker, StringComparison.Ordinal))
                {
                    var line = File.ReadLines(folder + "/status").First(l =>
                        l.StartsWith("Uid:", StringComparison.Ordinal));
                    return uint.Parse(line.Split('\t')[1]);
                }
            }
            catch (IOException)
            {
                // it ended while we looked
            }
        }
        throw new InvalidOperationException("the command was not found");
    }
}
