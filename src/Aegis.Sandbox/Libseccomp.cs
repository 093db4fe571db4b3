using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

/// <summary>The part of libseccomp 2.5 that writes a filter.</summary>
internal static unsafe class Libseccomp
{
    public const uint Allow = 0x7fff0000;
    public const uint KillProcess = 0x80000000;
    public const int AttributeBadArch = 2;
    public const uint ArchX64 = 0xc000003e;
    public const uint ArchArm64 = 0xc00000b7;

    public enum Compare
    {
        Equal = 4,
        Greater = 6,
        MaskedEqual = 7,
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ArgumentCompare
    {
        public uint Argument;
        public Compare Operator;
        public ulong A;
        public ulong B;
    }

    public static uint Errno(int errno) => 0x00050000 | (uint)errno;

    [DllImport("libseccomp.so.2")]
    public static extern nint seccomp_init(uint defaultAction);

    [DllImport("libseccomp.so.2")]
    public static extern void seccomp_release(nint filter);

    [DllImport("libseccomp.so.2")]
    public static extern uint seccomp_arch_native();

    [DllImport("libseccomp.so.2")]
    public static extern int seccomp_arch_add(nint filter, uint arch);

    [DllImport("libseccomp.so.2")]
    public static extern int seccomp_arch_remove(nint filter, uint arch);

    [DllImport("libseccomp.so.2")]
    public static extern int seccomp_attr_set(nint filter, int attribute, uint value);

    [DllImport("libseccomp.so.2")]
    public static extern int seccomp_syscall_resolve_name([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libseccomp.so.2")]
    public static extern int seccomp_rule_add_array(nint filter, uint action, int syscall, uint count,
        ArgumentCompare* compares);

    [DllImport("libseccomp.so.2")]
    public static extern int seccomp_export_bpf(nint filter, SafeFileHandle file);
}
