using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Discovery;

/// <summary>What .NET does not tell of a file: whose it is, and whether somebody has it open.</summary>
internal static class Libc
{
    private const int AtCurrentFolder = -100;
    private const int AtNoFollow = 0x100;
    private const int StatBytes = 256;
    private const int UidOffset = 20;
    private const int ModeOffset = 28;
    private const uint TypeModeUid = 1 | 2 | 8;
    private const int SetLease = 1024;
    private const int WriteLease = 1;
    private const int NoLease = 2;
    private const int TryAgain = 11;

    [DllImport("libc")]
    public static extern uint geteuid();

    /// <summary>What has that name; a link is itself. Null where nothing has it, or it is not shown to
    /// us.</summary>
    public static unsafe FileOwnership? Ownership(string path)
    {
        var answer = stackalloc byte[StatBytes];
        return statx(AtCurrentFolder, path, AtNoFollow, TypeModeUid, answer) == 0
            ? new FileOwnership(MemoryMarshal.Read<uint>(new ReadOnlySpan<byte>(answer + UidOffset, 4)),
                MemoryMarshal.Read<ushort>(new ReadOnlySpan<byte>(answer + ModeOffset, 2)))
            : null;
    }

    /// <summary>Whether anybody else has this file of ours open or mapped: the kernel grants a write lease on
    /// it to nobody then. Where it grants none for another reason (a file system without leases), it cannot
    /// be told, and the answer is no.</summary>
    public static bool IsOpenElsewhere(SafeFileHandle file)
    {
        if (fcntl(file, SetLease, WriteLease) == 0)
        {
            _ = fcntl(file, SetLease, NoLease);
            return false;
        }
        return Marshal.GetLastPInvokeError() == TryAgain;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern unsafe int statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path,
        int flags, uint mask, byte* answer);

    [DllImport("libc", SetLastError = true)]
    private static extern int fcntl(SafeFileHandle file, int command, int argument);
}

/// <summary>Whose a file is, and who may do what with it.</summary>
internal readonly record struct FileOwnership(uint Uid, ushort Mode)
{
    public bool IsLink => (Mode & 0xF000) == 0xA000;

    public bool IsFolder => (Mode & 0xF000) == 0x4000;

    public bool IsFile => (Mode & 0xF000) == 0x8000;

    public bool IsSticky => (Mode & 0x200) != 0;

    public bool BorrowsRights => (Mode & 0xC00) != 0;

    public bool OthersWrite => (Mode & 0x12) != 0;
}
