using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox.Egress;

// Programs speak TCP to a proxy, and a sandbox has no network but its own loopback. Rejected: a forwarder
// inside from a port to a Unix socket (socat forks for each connection, counts against the sandbox's
// processes and is another package; our own in .NET costs 60 ms and 30 MB a command; both can be killed by
// the command). A listening socket belongs to the network in which it was made, whoever holds it: so the
// sandbox's first process makes one on its loopback, hands it to the server over an inherited Unix socket
// (SCM_RIGHTS), and closes that. From then on the host's proxy accepts what the command sends to
// 127.0.0.1:3128, nothing of it stands inside, and the Unix socket is gone before the command begins.

/// <summary>Takes the sandbox's port out of it.</summary>
internal sealed partial class ListenerHandOver : IDisposable
{
    private const int UnixStream = 1;
    private const int CloseOnExec = 0x80000;
    private const int ReceiveCloseOnExec = 0x40000000;
    private const int DontWait = 0x40;
    private readonly Socket ours;

    private ListenerHandOver(Socket ours, SafeFileHandle theirs) => (this.ours, Theirs) = (ours, theirs);

    /// <summary>The end that the sandbox's first process gets; closed here once it was started.</summary>
    public SafeFileHandle Theirs { get; }

    public static ListenerHandOver Open()
    {
        Span<int> ends = stackalloc int[2];
        if (socketpair(UnixStream, UnixStream | CloseOnExec, 0, ref ends[0]) != 0)
        {
            throw Libc.Failed("socketpair");
        }
        return new ListenerHandOver(new Socket(new SafeSocketHandle(ends[0], ownsHandle: true)),
            new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>What the first process runs, as shell text: makes the port and sends it.</summary>
    /// <param name="file">The number of <see cref="Theirs"/> inside.</param>
    /// <param name="failed">What it runs where that fails; must end the shell.</param>
    public static string Script(int file, string failed)
    {
        var sendmsg = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 211 : 46;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            /usr/bin/perl -e 'use strict; use Socket;
              socket(my $l, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
              bind($l, pack_sockaddr_in({{ProxyNetwork.Port}}, INADDR_LOOPBACK)) or die "bind: $!";
              listen($l, 511) or die "listen: $!";
              my $b = "L"; my $v = pack("PQ", $b, 1); my $c = pack("Qiiii", 20, 1, 1, fileno($l), 0);
              my $m = pack("QQPQPQQ", 0, 0, $v, 1, $c, 24, 0);
              syscall({{sendmsg}}, {{file}}, $m, 0) == 1 or die "sendmsg: $!";' || {{failed}}
            exec {{file}}>&-

            """);
    }

    /// <summary>The listening socket, or null where the other end was closed without one.</summary>
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
