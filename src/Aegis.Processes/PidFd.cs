using Microsoft.Win32.SafeHandles;

namespace Aegis.Processes;

/// <summary>A kernel handle of one process: it can't come to mean another one when the pid is
/// reused.</summary>
internal sealed unsafe class PidFd : IDisposable
{
    private readonly SafeFileHandle handle;

    private PidFd(int fd) => handle = new SafeFileHandle(fd, ownsHandle: true);

    public int Fd => (int)handle.DangerousGetHandle();

    public static PidFd? TryOpen(int pid)
    {
        var fd = (int)Libc.syscall(Libc.SYS_pidfd_open, pid, 0, 0, 0);
        return fd < 0 ? null : new PidFd(fd);
    }

    /// <summary>The handle of exactly that process; null where it is gone or the pid is another's by
    /// now.</summary>
    public static PidFd? TryOpen(PidRecord record)
    {
        var opened = TryOpen(record.Pid);
        // read after opening: from here on the handle can't change its meaning
        if (opened is not null && !record.IsAlive)
        {
            opened.Dispose();
            return null;
        }
        return opened;
    }

    public bool Send(int signal) => Libc.syscall(Libc.SYS_pidfd_send_signal, Fd, signal, 0, 0) == 0;

    /// <summary>Waits until the process has ended (a pidfd becomes readable then).</summary>
    public Task WaitAsync(TimeSpan within, CancellationToken cancel) => Task.Run(() =>
    {
        const int sliceMs = 50;
        for (var left = (int)within.TotalMilliseconds; left > 0; left -= sliceMs)
        {
            cancel.ThrowIfCancellationRequested();
            var poll = new Libc.PollFd { Fd = Fd, Events = Libc.POLLIN };
            if (Libc.poll(&poll, 1, sliceMs) > 0)
            {
                return;
            }
        }
        throw new TimeoutException($"a killed process did not end within {within}");
    }, cancel);

    public void Dispose() => handle.Dispose();
}
