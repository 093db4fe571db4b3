using System.Globalization;
using System.Runtime.InteropServices;

namespace Aegis.Sandbox.Egress;

// Programs speak TCP to a proxy, and a sandbox has no network but its own loopback. Rejected: a forwarder
// inside from a port to a Unix socket (socat forks for each connection, counts against the sandbox's
// processes and is another package; our own in .NET costs 60 ms and 30 MB a command; both can be killed by
// the command). A listening socket belongs to the network in which it was made, whoever holds it: so the
// sandbox's first process makes one on its loopback, hands it to the server over an inherited Unix socket
// (SCM_RIGHTS), and closes that. From then on the host's proxy accepts what the command sends to
// 127.0.0.1:3128, nothing of it stands inside, and the Unix socket is gone before the command begins.

/// <summary>How the sandbox's port comes out of it, by a <see cref="SocketHandOver"/>.</summary>
internal static class ListenerHandOver
{
    /// <summary>What the first process runs, as shell text: makes the port and sends it.</summary>
    /// <param name="file">The number of <see cref="SocketHandOver.Theirs"/> inside.</param>
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
}
