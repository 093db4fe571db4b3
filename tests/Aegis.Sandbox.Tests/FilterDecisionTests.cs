using System.Runtime.InteropServices;

namespace Aegis.Sandbox.Tests;

/// <summary>The filters of both architectures, judged by what they decide for real calls.</summary>
public sealed class FilterDecisionTests
{
    private const uint X64 = Libseccomp.ArchX64;
    private const uint Arm64 = Libseccomp.ArchArm64;
    private const ulong NewUser = 0x10000000;

    [DllImport("libseccomp.so.2")]
    private static extern int seccomp_syscall_resolve_name_arch(uint arch,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    public static TheoryData<uint> Architectures() => [X64, Arm64];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void EveryRefusedCall_OfTheArchitecture_IsRefused(uint arch)
    {
        var machine = Filter(arch);
        var there = 0;
        foreach (var name in SyscallFilter.Refused)
        {
            if (seccomp_syscall_resolve_name_arch(arch, name) is >= 0 and var number)
            {
                there++;
                Assert.True(BpfMachine.Errno(1) == machine.Decide(arch, number), name);
            }
        }
        foreach (var name in SyscallFilter.NotThere)
        {
            Assert.Equal(BpfMachine.Errno(38), machine.Decide(arch, seccomp_syscall_resolve_name_arch(arch,
                name)));
        }
        Assert.InRange(there, 40, SyscallFilter.Refused.Length);
    }

    [Theory]
    [InlineData(X64, "openat")]
    [InlineData(X64, "execve")]
    [InlineData(X64, "futex")]
    [InlineData(X64, "mmap")]
    [InlineData(X64, "kill")]
    [InlineData(Arm64, "openat")]
    [InlineData(Arm64, "execve")]
    [InlineData(Arm64, "futex")]
    [InlineData(Arm64, "mmap")]
    [InlineData(Arm64, "kill")]
    public void CallOfEveryProgram_IsLetThrough(uint arch, string name) => Assert.Equal(BpfMachine.Allow,
        Filter(arch).Decide(arch, seccomp_syscall_resolve_name_arch(arch, name)));

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Clone_WithANamespace_IsRefused_AndWithout_IsNot(uint arch)
    {
        var (machine, clone) = (Filter(arch), seccomp_syscall_resolve_name_arch(arch, "clone"));
        foreach (var flag in SyscallFilter.NamespaceFlags)
        {
            Assert.Equal(BpfMachine.Errno(1), machine.Decide(arch, clone, flag | 17));
        }
        Assert.Equal(BpfMachine.Allow, machine.Decide(arch, clone, 0x01200011));
        Assert.Equal(BpfMachine.Errno(1), machine.Decide(arch, clone, NewUser));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Sockets_OfOtherFamilies_AreRefused(uint arch)
    {
        var machine = Filter(arch);
        foreach (var call in new[] { "socket", "socketpair" })
        {
            var number = seccomp_syscall_resolve_name_arch(arch, call);
            foreach (var family in Enumerable.Range(0, 64))
            {
                var expected = SyscallFilter.FamiliesAllowed.Contains(family) ? BpfMachine.Allow
                    : BpfMachine.Errno(97);
                Assert.True(expected == machine.Decide(arch, number, (ulong)family, 1, 0),
                    $"{call} {family}");
            }
            Assert.Equal(BpfMachine.Errno(97), machine.Decide(arch, number, 0x100000002, 1, 0));
            Assert.Equal(BpfMachine.Errno(93), machine.Decide(arch, number, 16, 3, 9));
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void TypingIntoATerminal_IsRefused(uint arch)
    {
        var (machine, ioctl) = (Filter(arch), seccomp_syscall_resolve_name_arch(arch, "ioctl"));
        Assert.Equal(BpfMachine.Errno(1), machine.Decide(arch, ioctl, 0, 0xF00005412));
        Assert.Equal(BpfMachine.Allow, machine.Decide(arch, ioctl, 0, 0x5413));
    }

    [Theory]
    [InlineData(X64, Arm64)]
    [InlineData(X64, 0x40000003)]
    [InlineData(Arm64, X64)]
    [InlineData(Arm64, 0x40000028)]
    public void CallOfAForeignArchitecture_KillsTheProcess(uint arch, uint foreign) =>
        Assert.Equal(BpfMachine.KillProcess, Filter(arch).Decide(foreign, 1));

    private static BpfMachine Filter(uint arch)
    {
        using var filter = SyscallFilter.Export(arch);
        using var file = new FileStream(Libc.Reopen(filter), FileAccess.Read);
        using var program = new MemoryStream();
        file.CopyTo(program);
        return new BpfMachine(program.ToArray());
    }
}
