using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

/// <summary>A pair of Unix sockets over which a process in a sandbox's network hands sockets out of it: a
/// socket belongs to the network in which it was made, whoever holds it.</summary>
internal sealed partial class SocketHandOver : IDisposable
{
    private const int UnixStream = 1;
    private const int CloseOnExec = 0x80000;
    private const int ReceiveCloseOnExec = 0x40000000;
    private const int DontWait = 0x40;
    private readonly Socket ours;

    private SocketHandOver(Socket ours, SafeFileHandle theirs) => (this.ours, Theirs) = (ours, theirs);

    /// <summary>The end that a process of the sandbox's network gets; closed here once it was started.
    /// </summary>
    public SafeFileHandle Theirs { get; }

    public static SocketHandOver Open()
    {
        Span<int> ends = stackalloc int[2];
        if (socketpair(UnixStream, UnixStream | CloseOnExec, 0, ref ends[0]) != 0)
        {
            throw Libc.Failed("socketpair");
        }
        return new SocketHandOver(new Socket(new SafeSocketHandle(ends[0], ownsHandle: true)),
            new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>Tells the other end that a socket is wanted.</summary>
    public async Task AskAsync(CancellationToken cancel) =>
        await ours.SendAsync(new byte[] { 1 }, SocketFlags.None, cancel);

    /// <summary>A socket, or null where the other end was closed without one.</summary>
    public async Task<Socket?> ReceiveAsync(CancellationToken cancel)
    {
        // waits for a byte and takes none
        await ours.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancel);
        return Receive((int)ours.Handle) is { } handle ? new Socket(handle) : null;
    }

    public void Dispose()
    {
        ours.Dispose();
        Theirs.Dispose();
    }

    private static unsafe SafeSocketHandle? Receive(int from)
    {
        byte one;
        var vector = new Vector { Start = &one, Length = 1 };
        Span<byte> control = stackalloc byte[24];
        fixed (byte* first = control)
        {
            var message = new Message { Vectors = &vector, Count = 1, Control = first, ControlLength = 24 };
            if (recvmsg(from, &message, ReceiveCloseOnExec | DontWait) != 1)
            {
                return null;
            }
            // length, level SOL_SOCKET, type SCM_RIGHTS, one descriptor
            var (length, level, type) = (MemoryMarshal.Read<long>(control),
                MemoryMarshal.Read<int>(control[8..]), MemoryMarshal.Read<int>(control[12..]));
            return message.ControlLength >= 20 && (length, level, type) == (20, 1, 1)
                ? new SafeSocketHandle(MemoryMarshal.Read<int>(control[16..]), ownsHandle: true) : null;
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int socketpair(int domain, int type, int protocol, ref int ends);

    [DllImport("libc", SetLastError = true)]
    private static extern unsafe nint recvmsg(int socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Vector
    {
        public byte* Start;
        public nint Length;
    }

    /// <summary>msghdr of a 64-bit kernel.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Message
    {
        public nint Name;
        public uint NameLength;
        public Vector* Vectors;
        public nint Count;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }
}
