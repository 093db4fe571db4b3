using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Files;

/// <summary>Opens entries of a folder by its descriptor and never through a link, so that a workspace that is
/// changed meanwhile leads nowhere else.</summary>
internal static class Libc
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int StatModeOffset = 28;
    private const int StatBytes = 256;
    private const int AtEmptyPath = 0x1000;
    private const int AtNoFollow = 0x100;
    private const uint StatType = 1;

    private static int NoFollow =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    [DllImport("libc", SetLastError = true)]
    private static extern int openat(SafeFileHandle folder,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name, int flags, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string name, int flags, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern unsafe int statx(SafeFileHandle folder,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name, int flags, uint mask, byte* answer);

    /// <summary>Opens for reading what has that name in a folder.</summary>
    /// <returns>Null with the kernel's reason.</returns>
    public static SafeFileHandle? OpenIn(SafeFileHandle folder, string name, out int errno) =>
        Opened(openat(folder, name, NoFollow | NonBlocking | CloseOnExec, 0), out errno);

    /// <summary>Opens a folder that a person named; links are followed.</summary>
    public static SafeFileHandle? Open(string path, out int errno) =>
        Opened(open(path, NonBlocking | CloseOnExec, 0), out errno);

    /// <summary>What has that name in a folder; a link is itself.</summary>
    /// <returns>Null with the kernel's reason.</returns>
    public static EntryKind? KindIn(SafeFileHandle folder, string name, out int errno) =>
        KindAt(folder, name, AtNoFollow, out errno);

    public static EntryKind KindOf(SafeFileHandle entry) => KindAt(entry, "", AtEmptyPath, out var errno)
        ?? throw new IOException($"statx: {Marshal.GetPInvokeErrorMessage(errno)}");

    private static unsafe EntryKind? KindAt(SafeFileHandle folder, string name, int flags, out int errno)
    {
        var answer = stackalloc byte[StatBytes];
        if (statx(folder, name, flags, StatType, answer) != 0)
        {
            errno = Marshal.GetLastPInvokeError();
            return null;
        }
        errno = 0;
        var mode = MemoryMarshal.Read<ushort>(new ReadOnlySpan<byte>(answer + StatModeOffset, 2));
        return (mode & 0xF000) switch
        {
            0x8000 => EntryKind.File,
            0x4000 => EntryKind.Folder,
            _ => EntryKind.Special,
        };
    }

    private static SafeFileHandle? Opened(int fd, out int errno)
    {
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }
}

internal enum EntryKind
{
    File,
    Folder,

    /// <summary>A link, a pipe, a socket, a device.</summary>
    Special,
}
