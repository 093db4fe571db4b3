using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Processes;

/// <summary>The master side of a pseudo terminal.</summary>
public sealed class Pty : IDisposable
{
    private readonly SafeFileHandle master;

    private Pty(SafeFileHandle master, string slavePath)
    {
        this.master = master;
        SlavePath = slavePath;
        // two handles: a blocked read must not hold up a write
        Output = new PtyOutput(new FileStream(Duplicate(master), FileAccess.Read, bufferSize: 0));
        Input = new FileStream(Duplicate(master), FileAccess.Write, bufferSize: 0);
    }

    /// <summary>What the terminal shows.</summary>
    public Stream Output { get; }

    /// <summary>What is typed.</summary>
    public Stream Input { get; }

    internal string SlavePath { get; }

    /// <summary>The live end without a stream around it, for one reader and one writer. From then on the
    /// streams above must not be used: the terminal blocks nobody any more.</summary>
    public PtyEnd TakeEnd()
    {
        var fd = (int)master.DangerousGetHandle();
        var flags = Libc.Checked(Libc.fcntl(fd, Libc.F_GETFL, 0), "F_GETFL");
        Libc.Checked(Libc.fcntl(fd, Libc.F_SETFL, flags | Libc.O_NONBLOCK), "F_SETFL");
        return new PtyEnd(Duplicate(master), this);
    }

    internal static unsafe Pty Open(PtySize size)
    {
        var fd = Libc.Checked(Libc.posix_openpt(Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC),
            "posix_openpt");
        var master = new SafeFileHandle(fd, ownsHandle: true);
        Libc.Checked(Libc.grantpt(fd), "grantpt");
        Libc.Checked(Libc.unlockpt(fd), "unlockpt");
        var name = stackalloc byte[64];
        if (Libc.ptsname_r(fd, name, 64) != 0)
        {
            throw new IOException("ptsname_r failed");
        }
        var length = new ReadOnlySpan<byte>(name, 64).IndexOf((byte)0);
        var pty = new Pty(master, Encoding.ASCII.GetString(name, length));
        pty.Resize(size);
        return pty;
    }

    /// <summary>Sets the size; the kernel sends SIGWINCH to the terminal's foreground group.</summary>
    public unsafe void Resize(PtySize size)
    {
        if (size.Columns is < 1 or > PtySize.Max || size.Rows is < 1 or > PtySize.Max)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size,
                $"a terminal has 1 to {PtySize.Max} cells a side");
        }
        var window = new Libc.WindowSize { Rows = (ushort)size.Rows, Columns = (ushort)size.Columns };
        Libc.Checked(Libc.ioctl((int)master.DangerousGetHandle(), Libc.TIOCSWINSZ, &window), "TIOCSWINSZ");
    }

    public void Dispose()
    {
        Output.Dispose();
        Input.Dispose();
        master.Dispose();
    }

    private static SafeFileHandle Duplicate(SafeFileHandle handle) => new(
        Libc.Checked(Libc.fcntl((int)handle.DangerousGetHandle(), Libc.F_DUPFD_CLOEXEC, 3), "dup"),
            ownsHandle: true);

    /// <summary>A terminal whose last process is gone answers EIO: that is its end of file.</summary>
    private sealed class PtyOutput(FileStream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            try
            {
                return inner.Read(buffer, offset, count);
            }
            catch (IOException)
            {
                return 0;
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer,
            CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }
            catch (IOException)
            {
                return 0;
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
