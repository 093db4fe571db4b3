using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

internal static class Libc
{
    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int LockRelease = 8;
    private const uint MemfdCloseOnExec = 1;
    private const uint MemfdAllowSealing = 2;

    [DllImport("libc")]
    public static extern uint geteuid();

    [DllImport("libc")]
    private static extern IntPtr getpwuid(uint uid);

    [DllImport("libc", SetLastError = true)]
    public static extern int flock(SafeFileHandle file, int operation);

    [DllImport("libc", SetLastError = true)]
    public static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string from,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    [DllImport("libc", SetLastError = true)]
    public static extern int fsync(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    public static extern int syncfs(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    private static extern int memfd_create([MarshalAs(UnmanagedType.LPUTF8Str)] string name, uint flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    /// <summary>What the machine says, not a variable; null for a user that it does not know.</summary>
    public static string? HomeOfUser()
    {
        const int folderField = 32;
        var user = getpwuid(geteuid());
        return user == 0 ? null : Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(user, folderField));
    }

    /// <summary>A file that stands on no disk.</summary>
    public static SafeFileHandle MemoryFile(string name)
    {
        var fd = memfd_create(name, MemfdCloseOnExec | MemfdAllowSealing);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Failed("memfd_create");
    }

    public static SafeFileHandle MemoryFile(string name, ReadOnlySpan<byte> content)
    {
        var file = MemoryFile(name);
        RandomAccess.Write(file, content, 0);
        return file;
    }

    /// <summary>Opens a folder, to sync it.</summary>
    public static SafeFileHandle OpenFolder(string path)
    {
        const int directoryCloseOnExec = 0x10000 | 0x80000;
        const int directoryCloseOnExecArm = 0x4000 | 0x80000;
        var fd = open(path, RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? directoryCloseOnExecArm
            : directoryCloseOnExec, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Failed("open");
    }

    /// <summary>The same file, read-only and from its start: the reader's place is its own.</summary>
    public static SafeFileHandle Reopen(SafeFileHandle file)
    {
        const int closeOnExec = 0x80000;
        var fd = open($"/proc/self/fd/{file.DangerousGetHandle()}", closeOnExec, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Failed("open");
    }

    /// <summary>Opens or makes a file to lock. Not by .NET's own open, which would lock it as well, and
    /// unlock it for every holder when our handle closes.</summary>
    public static SafeFileHandle OpenLockFile(string path)
    {
        const int readWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000;
        var fd = open(path, readWriteCreateCloseOnExec, 0x180);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Failed("open");
    }

    public static IOException Failed(string call) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
