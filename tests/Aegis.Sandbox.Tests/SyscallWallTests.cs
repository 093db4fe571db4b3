using System.Runtime.InteropServices;

namespace Aegis.Sandbox.Tests;

/// <summary>Each try: refused behind the wall of system calls in the stated way, and not in that way where
/// only this wall is down.</summary>
[Collection("sandbox")]
public sealed class SyscallWallTests(SandboxFixture sandbox)
{
    private const int EPERM = 1;
    private const int ENOSYS = 38;
    private const int EPROTONOSUPPORT = 93;
    private const int EAFNOSUPPORT = 97;

    [Theory]
    [InlineData("unshare 0x10000000", EPERM)]
    [InlineData("unshare 0x20000", EPERM, "errno 1")]
    [InlineData("setns -1, 0", EPERM)]
    [InlineData("clone 0x10000011, 0, 0, 0, 0", EPERM)]
    [InlineData("clone 0x40000011, 0, 0, 0, 0", EPERM, "errno 1")]
    [InlineData("clone3 $z, 88", ENOSYS)]
    [InlineData("io_uring_setup 1, $z", ENOSYS)]
    [InlineData("bpf 1, $z, 32", EPERM)]
    [InlineData("perf_event_open 0, 0, -1, -1, 0", EPERM)]
    [InlineData("userfaultfd 1", EPERM)]
    [InlineData("keyctl 0, -3, 1", EPERM)]
    [InlineData("add_key \"user\\0\", \"k\\0\", $z, 1, -3", EPERM)]
    [InlineData("request_key \"user\\0\", \"none\\0\", 0, -3", EPERM)]
    [InlineData("ptrace 0, 0, 0, 0", EPERM)]
    [InlineData("process_vm_readv $$, 0, 0, 0, 0, 0", EPERM)]
    [InlineData("kcmp $$, $$, 0, 0, 0", EPERM)]
    [InlineData("pidfd_getfd -1, 0, 0", EPERM)]
    [InlineData("name_to_handle_at -100, \"/tmp\\0\", $z, $z, 0", EPERM)]
    [InlineData("socket 40, 1, 0", EAFNOSUPPORT)]
    [InlineData("socket 17, 3, 0", EAFNOSUPPORT)]
    [InlineData("socket 0x100000028, 1, 0", EAFNOSUPPORT)]
    [InlineData("socket 16, 3, 9", EPROTONOSUPPORT)]
    [InlineData("socketpair 30, 5, 0, $z", EAFNOSUPPORT, "errno 97")]
    public async Task Call_BehindTheWall_IsRefused(string call, int errno, string? otherwise = null)
    {
        var inside = await sandbox.RunAsync(Probe.Call(call));
        Assert.Equal($"errno {errno}", inside.Stdout);
        var control = await SandboxFixture.RunAsync(await sandbox.WithoutAsync("syscalls"),
            SandboxFixture.Spec(Probe.Call(call)));
        if (otherwise is null)
        {
            Assert.NotEqual($"errno {errno}", control.Stdout);
        }
        Assert.NotEqual("", control.Stdout);
    }

    [Theory]
    [InlineData("socket 1, 1, 0")]
    [InlineData("socket 2, 1, 0")]
    [InlineData("socket 10, 2, 0")]
    [InlineData("socket 16, 3, 0")]
    [InlineData("socketpair 1, 1, 0, $z")]
    public async Task Call_ThatProgramsNeed_IsLetThrough(string call) =>
        Assert.Equal("ok", (await sandbox.RunAsync(Probe.Call(call))).Stdout);

    [Theory]
    [InlineData("mount \"t\\0\", \"/tmp\\0\", \"tmpfs\\0\", 0, 0", "--mount")]
    [InlineData("chroot \"/tmp\\0\"", "--mount")]
    [InlineData("open_tree -100, \"/tmp\\0\", 1", "--mount")]
    [InlineData("fsopen \"tmpfs\\0\", 0", "--mount")]
    [InlineData("unshare 0x20000", "--mount")]
    [InlineData("clone 0x40000011, 0, 0, 0, 0", "--net")]
    [InlineData("sethostname \"x\\0\", 1", "--uts")]
    [InlineData("socket 2, 3, 1", "--net")]
    [InlineData("socket 17, 3, 0", "--net")]
    public async Task CallOfAPrivilegedKind_BehindTheWalls_IsRefused(string call, string space)
    {
        Assert.StartsWith("errno ", (await sandbox.RunAsync(Probe.Call(call))).Stdout,
            StringComparison.Ordinal);
        // the control is a bare user namespace, in which the caller is root
        var control = await sandbox.OnHostAsync(["unshare", "--user", "--map-root-user", space,
            .. Probe.Call(call)]);
        Assert.Equal("ok", control.Stdout);
    }

    [Fact]
    public async Task NestedUserNamespace_WithEitherOfItsTwoWalls_IsRefused()
    {
        var act = Probe.Call("unshare 0x10000000");
        Assert.Equal("errno 1", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("userns"),
            SandboxFixture.Spec(act))).Stdout);
        Assert.Equal("errno 28", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("syscalls"),
            SandboxFixture.Spec(act))).Stdout);
        Assert.Equal("ok", (await sandbox.OnHostAsync(act)).Stdout);
    }

    [Fact]
    public async Task CallOfAForeignArchitecture_KillsTheCaller()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return;
        }
        string[] act = ["perl", "-e", "syscall(0x40000000 + 39); print 'lives'"];
        Assert.Equal((31, ""), await sandbox.RunAsync(act) is var ran ? (ran.Outcome.Signal, ran.Stdout)
            : default);
        Assert.Equal("lives", (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("syscalls"),
            SandboxFixture.Spec(act))).Stdout);
    }

    [Theory]
    [InlineData("0x5412")]
    [InlineData("0xF00005412")]
    public async Task TypingIntoTheTerminal_ByTiocsti_IsRefused(string request)
    {
        var spec = SandboxFixture.Spec(Probe.Call($"ioctl 0, {request}, $z")) with { Pty = true };
        Assert.Contains("errno 1", (await SandboxFixture.RunAsync(sandbox.Runner, spec)).Stdout,
            StringComparison.Ordinal);
        Assert.DoesNotContain("errno 1",
            (await SandboxFixture.RunAsync(await sandbox.WithoutAsync("syscalls"), spec))
            .Stdout.Replace("errno 5", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Libseccomp.ArchX64)]
    [InlineData(Libseccomp.ArchArm64)]
    public void Filter_OfEachArchitecture_IsWritten(uint arch)
    {
        using var filter = SyscallFilter.Export(arch);
        using var file = new FileStream(Libc.Reopen(filter), FileAccess.Read);
        var program = new byte[64 * 1024];
        var length = file.Read(program);
        // whole instructions of 8 bytes; the second compares the architecture
        Assert.Equal(0, length % 8);
        Assert.InRange(length / 8, 60, 4096);
        Assert.Equal(arch, BitConverter.ToUInt32(program, 12));
    }
}
