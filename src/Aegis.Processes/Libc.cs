using System.Runtime.InteropServices;

namespace Aegis.Processes;

/// <summary>The part of the C library (glibc ≥ 2.34, x64 and arm64) that the launcher stands on.</summary>
internal static unsafe class Libc
{
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int ECHILD = 10;
    public const int ESRCH = 3;
    public const int O_RDWR = 2;
    public const int O_WRONLY = 1;
    public const int O_NOCTTY = 0x100;
    public const int O_CLOEXEC = 0x80000;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int F_GETFL = 3;
    public const int F_SETFL = 4;
    public const int O_NONBLOCK = 0x800;
    public const int SIGKILL = 9;
    public const int SIGCHLD = 17;
    public const int WNOHANG = 1;
    public const short POLLIN = 1;
    public const short POLLOUT = 4;
    public const nuint TIOCSWINSZ = 0x5414;
    public const nint SYS_pidfd_send_signal = 424;
    public const nint SYS_pidfd_open = 434;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Revents;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelsX;
        public ushort PixelsY;
    }

    [DllImport("libc", SetLastError = true)]
    public static extern int pipe2(int* fds, int flags);

    [DllImport("libc", SetLastError = true)]
    public static extern int close(int fd);

    [DllImport("libc", SetLastError = true)]
    public static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    public static extern nint read(int fd, void* buffer, nuint count);

    [DllImport("libc", SetLastError = true)]
    public static extern nint write(int fd, void* buffer, nuint count);

    [DllImport("libc", SetLastError = true)]
    public static extern int fcntl(int fd, int command, int argument);

    [DllImport("libc", SetLastError = true)]
    public static extern int eventfd(uint initial, int flags);

    [DllImport("libc", SetLastError = true)]
    public static extern int poll(PollFd* fds, nuint count, int timeoutMilliseconds);

    [DllImport("libc", SetLastError = true)]
    public static extern int waitpid(int pid, int* status, int options);

    [DllImport("libc", SetLastError = true)]
    public static extern int kill(int pid, int signal);

    [DllImport("libc")]
    public static extern nint signal(int signal, nint handler);

    [DllImport("libc", SetLastError = true)]
    public static extern nint syscall(nint number, nint a, nint b, nint c, nint d);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(int fd, nuint request, WindowSize* size);

    [DllImport("libc", SetLastError = true)]
    public static extern int posix_openpt(int flags);

    [DllImport("libc", SetLastError = true)]
    public static extern int grantpt(int fd);

    [DllImport("libc", SetLastError = true)]
    public static extern int unlockpt(int fd);

    [DllImport("libc")]
    public static extern int ptsname_r(int fd, byte* buffer, nuint length);

    [DllImport("libc")]
    public static extern int posix_spawn(int* pid, byte* path, void* fileActions, void* attributes,
        byte** argv, byte** envp);

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_init(void* actions);

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_destroy(void* actions);

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_adddup2(void* actions, int fd, int childFd);

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_addopen(void* actions, int fd, byte* path, int flags,
        uint mode);

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_addclosefrom_np(void* actions, int from);

    [DllImport("libc")]
    public static extern int posix_spawnattr_init(void* attributes);

    [DllImport("libc")]
    public static extern int posix_spawnattr_destroy(void* attributes);

    [DllImport("libc")]
    public static extern int posix_spawnattr_setflags(void* attributes, short flags);

    [DllImport("libc")]
    public static extern int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [DllImport("libc")]
    public static extern int posix_spawnattr_setsigmask(void* attributes, void* signals);

    /// <summary>Throws with the errno of the last call where it answered less than zero.</summary>
    public static int Checked(int result, string what) =>
        result >= 0 ? result : throw new IOException(
            $"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
