using Microsoft.Win32.SafeHandles;
using static Aegis.Sandbox.Libseccomp;

namespace Aegis.Sandbox;

/// <summary>The wall of system calls: everything is allowed but what opens the kernel's rarely walked rooms,
/// makes namespaces, or speaks to other processes' memory. An allow-list was rejected: it breaks build tools
/// at each kernel and libc release. Calls for which programs have a fall-back answer as if the kernel lacked
/// them.</summary>
internal static class SyscallFilter
{
    internal const int EPERM = 1;
    internal const int ENOSYS = 38;
    internal const int EPROTONOSUPPORT = 93;
    internal const int EAFNOSUPPORT = 97;
    internal const int AddressFamilyMax = 16;
    internal const ulong Netlink = 16;
    internal const ulong TIOCSTI = 0x5412;
    internal const ulong TIOCLINUX = 0x541C;

    /// <summary>AF_UNIX, AF_INET, AF_INET6, AF_NETLINK.</summary>
    internal static readonly int[] FamiliesAllowed = [1, 2, 10, 16];

    /// <summary>CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.</summary>
    internal static readonly ulong[] NamespaceFlags =
        [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];

    internal static readonly string[] Refused =
    [
        "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key",
        "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
        "unshare", "setns", "chroot", "pivot_root",
        "mount", "umount", "umount2", "fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree",
        "mount_setattr", "name_to_handle_at", "open_by_handle_at", "fanotify_init", "lookup_dcookie",
        "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module",
        "swapon", "swapoff", "reboot", "acct", "quotactl", "quotactl_fd", "syslog", "nfsservctl", "vhangup",
        "iopl", "ioperm", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "uselib", "ustat",
        "_sysctl", "sysfs", "modify_ldt", "move_pages", "migrate_pages",
    ];

    internal static readonly string[] NotThere = ["clone3", "io_uring_setup", "io_uring_enter",
        "io_uring_register"];

    /// <summary>Calls newer than libseccomp 2.5 (open_tree_attr); their numbers are the same on every
    /// architecture.</summary>
    private static readonly int[] RefusedNumbers = [467];

    /// <summary>The filter as the kernel reads it (BPF), in a memory file.</summary>
    /// <param name="arch">Null for this machine's.</param>
    public static SafeFileHandle Export(uint? arch = null)
    {
        var filter = seccomp_init(Allow);
        try
        {
            if (arch is { } other && other != seccomp_arch_native())
            {
                Must(seccomp_arch_add(filter, other), "arch");
                Must(seccomp_arch_remove(filter, seccomp_arch_native()), "arch");
            }
            Must(seccomp_attr_set(filter, AttributeBadArch, KillProcess), "foreign architectures");
            AddCalls(filter, native: arch is null || arch == seccomp_arch_native());
            AddNamespaces(filter);
            AddSockets(filter, "socket");
            AddSockets(filter, "socketpair");
            foreach (var request in new[] { TIOCSTI, TIOCLINUX })
            {
                // the kernel reads 32 bits of the request: so does the filter
                Add(filter, Errno(EPERM), Number("ioctl"), Argument(1, Compare.MaskedEqual, 0xffffffff,
                    request));
            }
            var file = Libc.MemoryFile("aegis-seccomp");
            Must(seccomp_export_bpf(filter, file), "export");
            return file;
        }
        finally
        {
            seccomp_release(filter);
        }
    }

    private static void AddCalls(nint filter, bool native)
    {
        foreach (var name in Refused)
        {
            Add(filter, Errno(EPERM), Number(name));
        }
        foreach (var name in NotThere)
        {
            Add(filter, Errno(ENOSYS), Number(name));
        }
        foreach (var number in native ? RefusedNumbers : [])
        {
            Add(filter, Errno(EPERM), number);
        }
    }

    private static void AddNamespaces(nint filter)
    {
        foreach (var flag in NamespaceFlags)
        {
            Add(filter, Errno(EPERM), Number("clone"), Argument(0, Compare.MaskedEqual, flag, flag));
        }
    }

    private static void AddSockets(nint filter, string call)
    {
        var refused = Errno(EAFNOSUPPORT);
        // compared in 64 bits: a family with a bit set above the kernel's 32 is refused as too great
        Add(filter, refused, Number(call), Argument(0, Compare.Greater, AddressFamilyMax));
        foreach (var family in Enumerable.Range(0, AddressFamilyMax).Except(FamiliesAllowed))
        {
            Add(filter, refused, Number(call), Argument(0, Compare.Equal, (ulong)family));
        }
        // of netlink only NETLINK_ROUTE (0): programs list interfaces by it
        Add(filter, Errno(EPROTONOSUPPORT), Number(call), Argument(0, Compare.Equal, Netlink),
            Argument(2, Compare.Greater, 0));
    }

    private static int Number(string name) => seccomp_syscall_resolve_name(name);

    private static ArgumentCompare Argument(uint argument, Compare compare, ulong a, ulong b = 0) =>
        new() { Argument = argument, Operator = compare, A = a, B = b };

    private static unsafe void Add(nint filter, uint action, int number, params ArgumentCompare[] compares)
    {
        const int unknown = -1;
        if (number == unknown)
        {
            // a call that no architecture has under that name can't be made either
            return;
        }
        fixed (ArgumentCompare* first = compares)
        {
            Must(seccomp_rule_add_array(filter, action, number, (uint)compares.Length, first),
                $"rule {number}");
        }
    }

    private static void Must(int result, string what)
    {
        if (result < 0)
        {
            throw SandboxErrors.WallMissing("syscalls", "a filter of libseccomp 2.5 or later",
                $"{what}: error {-result}", "Install it: apt-get install libseccomp2");
        }
    }
}
