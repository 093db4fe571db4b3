using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Aegis.Processes;

namespace Aegis.Sandbox.Ingress;

// A program that serves listens on its sandbox's own loopback, where nobody else is. Rejected: a port of the
// host in its network namespace (then the host's loopback is reachable from inside), and a relay inside (it
// can be ended by the program, counts against its limits, and what it hands out was hostile hands' work).
// So the way in is the proxy's way out the other way round: a process of ours, outside of the sandbox's
// processes, files and user namespace, enters nothing of it but its network and makes sockets there for the
// server, which connects them. Inside there is nothing to see but connections from 127.0.0.1; and as only the
// server dials, it is a way in alone.

/// <summary>Connects the server to a port inside a running sandbox.</summary>
public sealed class SandboxEntrance : IAsyncDisposable
{
    private const int AskFile = 3;

    private const string Script = """
        use strict; use Socket;
        my ($setns, $sendmsg, $holder, $root, $file) = @ARGV;
        sub failed { print STDERR "$_[0]: $!\n"; exit 125 }
        open(my $user, "<", "/proc/$holder/ns/user") or failed("room");
        my $ours = readlink("/proc/self/ns/net") or failed("network");
        syscall($setns + 0, fileno($user), 0x10000000) == 0 or failed("setns");
        sub below {
          my $pid = shift; my @found;
          opendir(my $threads, "/proc/$pid/task") or return ();
          for my $thread (grep { /^\d+$/ } readdir $threads) {
            open(my $children, "<", "/proc/$pid/task/$thread/children") or next;
            my $line = <$children>; push @found, split " ", $line if defined $line;
          }
          return @found;
        }
        my $net;
        for (1 .. 500) {
          my @left = ($root);
          while (defined(my $pid = shift @left)) {
            my $its = readlink "/proc/$pid/ns/net";
            if (defined $its && $its ne $ours) {
              last if open($net, "<", "/proc/$pid/ns/net");
            }
            push @left, below($pid);
          }
          last if $net || ! -d "/proc/$root";
          select undef, undef, undef, 0.01;
        }
        $net or failed("no network of its own");
        syscall($setns + 0, fileno($net), 0x40000000) == 0 or failed("setns");
        close $net;
        open(my $ask, "+<&=", $file) or failed("ask");
        syswrite STDOUT, "ready\n";
        while (sysread $ask, my $one, 1) {
          socket(my $s, PF_INET, SOCK_STREAM, 0) or failed("socket");
          my $b = "S"; my $v = pack("PQ", $b, 1); my $c = pack("Qiiii", 20, 1, 1, fileno($s), 0);
          my $m = pack("QQPQPQQ", 0, 0, $v, 1, $c, 24, 0);
          syscall($sendmsg + 0, $file + 0, $m, 0) == 1 or failed("sendmsg");
          close $s;
        }
        """;

    private readonly LaunchedProcess process;
    private readonly SocketHandOver handOver;
    private readonly SemaphoreSlim turn = new(1);

    private SandboxEntrance(LaunchedProcess process, SocketHandOver handOver) =>
        (this.process, this.handOver) = (process, handOver);

    /// <summary>Opens the way into the network below a sandbox's outermost process. Throws AEGIS3005 where
    /// that has none of its own, or has ended.</summary>
    internal static async Task<SandboxEntrance> OpenAsync(ProcessLauncher launcher, UserNamespace room,
        PidRecord root, CancellationToken cancel)
    {
        var arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        var handOver = SocketHandOver.Open();
        var process = await launcher.StartAsync(new ProcessSpec("perl",
            ["-e", Script, arm ? "268" : "308", arm ? "211" : "46", Text(room.HolderPid), Text(root.Pid),
                Text(AskFile)],
            UserNamespace.CleanEnvironment, Inherited: [new InheritedFile(AskFile, handOver.Theirs)]),
            cancel);
        handOver.Theirs.Dispose();
        var entrance = new SandboxEntrance(process, handOver);
        try
        {
            using var output = new StreamReader(process.Stdout, leaveOpen: true);
            if (await output.ReadLineAsync(cancel) != "ready")
            {
                using var errors = new StreamReader(process.Stderr, leaveOpen: true);
                throw SandboxErrors.SetUpFailed(await errors.ReadToEndAsync(cancel));
            }
            return entrance;
        }
        catch
        {
            await entrance.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection to a port of the sandbox's 127.0.0.1. Throws <see cref="SocketException"/> where
    /// nobody listens there, and <see cref="IOException"/> once the sandbox is gone.</summary>
    public async Task<Socket> ConnectAsync(int port, CancellationToken cancel)
    {
        var socket = await SocketAsync(cancel);
        try
        {
            socket.NoDelay = true;
            // once: .NET replaces the handle of a socket that failed, and the new one would be the host's
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        handOver.Dispose();
        await process.DisposeAsync();
        turn.Dispose();
    }

    private async Task<Socket> SocketAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            // an answer that nobody waits for any more would be the next one's
            await handOver.AskAsync(CancellationToken.None);
            return await handOver.ReceiveAsync(CancellationToken.None)
                ?? throw new IOException("the sandbox's network is gone");
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException("the sandbox's network is gone", e);
        }
        finally
        {
            turn.Release();
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
