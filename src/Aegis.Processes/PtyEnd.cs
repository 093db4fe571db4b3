using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Processes;

/// <summary>
/// The master side of a terminal as bare calls. A terminal hands out at most 4 KiB a read, whatever is asked
/// for, so at full speed it is read tens of thousands of times a second: a stream's way through the thread
/// pool costs more than the read itself. One thread reads, another may write; neither call blocks but in
/// the waits, which say whether there is something to do.
/// </summary>
public sealed unsafe class PtyEnd : IDisposable
{
    /// <summary>How long a wait takes at most before it looks whether it was cancelled.</summary>
    private const int SliceMs = 100;

    private readonly SafeFileHandle handle;
    private readonly Pty pty;

    internal PtyEnd(SafeFileHandle handle, Pty pty) => (this.handle, this.pty) = (handle, pty);

    private int Fd => (int)handle.DangerousGetHandle();

    /// <summary>Bytes that the terminal shows; 0 at its end, -1 where there are none now.</summary>
    public int Read(Span<byte> into)
    {
        fixed (byte* to = into)
        {
            while (true)
            {
                var read = (int)Libc.read(Fd, to, (nuint)into.Length);
                if (read >= 0)
                {
                    return read;
                }
                switch (Marshal.GetLastPInvokeError())
                {
                    case Libc.EINTR:
                        continue;
                    case Libc.EAGAIN:
                        return -1;
                    default:
                        // EIO: the last process that had it is gone
                        return 0;
                }
            }
        }
    }

    /// <summary>Waits until there is something to read, or the end; false where that took longer than a
    /// limit.</summary>
    public bool WaitReadable(int limitMs = -1)
    {
        var poll = new Libc.PollFd { Fd = Fd, Events = Libc.POLLIN };
        return Libc.poll(&poll, 1, limitMs) != 0;
    }

    /// <summary>Types what fits now; how many bytes that were, -1 where nobody can read them any
    /// more.</summary>
    public int Write(ReadOnlySpan<byte> typed)
    {
        fixed (byte* from = typed)
        {
            while (true)
            {
                var written = (int)Libc.write(Fd, from, (nuint)typed.Length);
                if (written >= 0)
                {
                    return written;
                }
                switch (Marshal.GetLastPInvokeError())
                {
                    case Libc.EINTR:
                        continue;
                    case Libc.EAGAIN:
                        return 0;
                    default:
                        return -1;
                }
            }
        }
    }

    /// <summary>Waits until something can be typed; false once cancelled.</summary>
    public bool WaitWritable(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var poll = new Libc.PollFd { Fd = Fd, Events = Libc.POLLOUT };
            if (Libc.poll(&poll, 1, SliceMs) > 0)
            {
                return true;
            }
        }
        return false;
    }

    public void Resize(PtySize size) => pty.Resize(size);

    public void Dispose() => handle.Dispose();
}
