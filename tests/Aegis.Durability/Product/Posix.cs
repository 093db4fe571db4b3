using System.Runtime.InteropServices;

namespace Aegis.Durability.Product;

/// <summary>Signals to other processes.</summary>
internal static class Posix
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private const int PidFdOpen = 434;
    private const short Readable = 1;
    private const int Interrupted = 4;

    public static bool Signal(int pid, int signal) => kill(pid, signal) == 0;

    /// <summary>A process that is not our child, opened so that its end can be waited for; -1 where it is
    /// gone.
    /// </summary>
    public static int Open(int pid) => (int)syscall(PidFdOpen, pid, 0);

    /// <summary>Waits for the end of an opened process, and closes the handle.</summary>
    public static bool WaitEnded(int handle, TimeSpan within)
    {
        if (handle < 0)
        {
            return true;
        }
        var wait = new Poll { Fd = handle, Events = Readable };
        int ended;
        do
        {
            // a signal (a child's end is one) interrupts the wait
            ended = poll(ref wait, 1, (int)within.TotalMilliseconds);
        }
        while (ended < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        _ = close(handle);
        return ended > 0;
    }

    public static void MakeFifo(string path)
    {
        if (mkfifo(path, 0x1B6) != 0)
        {
            throw new IOException($"mkfifo {path}: error {Marshal.GetLastPInvokeError()}");
        }
        // whatever the umask says: the tasks run as another uid
        File.SetUnixFileMode(path, (UnixFileMode)0x1B6);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);

    [DllImport("libc", SetLastError = true)]
    private static extern long syscall(long number, long pid, long flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int poll(ref Poll fds, ulong count, int milliseconds);

    [DllImport("libc")]
    private static extern int close(int fd);

    [DllImport("libc", SetLastError = true)]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Fd;
        public short Events;
        public short Returned;
    }
}
