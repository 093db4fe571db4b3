using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Aegis.Sandbox;

// From the server to bubblewrap: into the room's namespaces, into the control groups, a mount namespace of
// its own, the sized /tmp, the read-only folders, and down to the sandbox's uid. As a chain of nsenter,
// unshare, sh, mount and setpriv that was seven programs to load, more than half of what a sandbox cost (10
// ms against 5 on an idle machine); perl, which every Debian and Ubuntu has, makes the same calls as one.
// Rejected: a helper in C (a second language to build and ship), and the same calls from .NET (a runtime
// starts in 50 ms; and a fork of a process with threads may do next to nothing).

/// <summary>The program that enters the room and becomes what stands in it.</summary>
internal static class RoomEntry
{
    private const string Script = """
        use strict;
        my ($setns, $unshare, $mount, $holder, $base, $request) = splice @ARGV, 0, 6;
        sub failed { print STDERR "$_[0]: $!\n"; exit 125 }
        sub list { my @l; while (($_ = shift @ARGV) ne "--") { push @l, $_ } @l }
        for my $group (list()) {
          open(my $procs, ">", "$group/cgroup.procs") or failed("control group");
          syswrite($procs, "0") or failed("control group");
        }
        my @spaces = map {
          open(my $space, "<", "/proc/$holder/ns/$_->[0]") or failed("namespace"); [$space, $_->[1]]
        } ["user", 0x10000000], ["mnt", 0x20000], ["pid_for_children", 0x20000000];
        for my $space (@spaces) {
          syscall($setns, fileno($space->[0]), $space->[1] + 0) == 0 or failed("setns");
        }
        if ($request) {
          open(my $told, "<&=", $request) or failed("request");
          local $/; my $all = <$told>; close $told;
          exit 0 unless length $all;
          @ARGV = split /\0/, $all, -1; pop @ARGV;
        }
        my ($lock, $number, $uid, $keeps, $terminal, $inodes, $tmp, $work) = splice @ARGV, 0, 8;
        my ($shown, $given) = ([list()], [list()]);
        my @kept = map {
          my $kept; open($kept, "<", $_) && flock($kept, 5) or failed("lock"); $kept
        } grep { length } $lock, $number;
        @SIG{"INT", "QUIT", "TSTP"} = ("IGNORE") x 3 if $terminal;
        my $child = fork;
        failed("fork") unless defined $child;
        if ($child) {
          waitpid $child, 0;
          if (my $signal = $? & 127) { $SIG{"INT"} = "DEFAULT"; kill $signal, $$; }
          exit($? >> 8);
        }
        chdir "/";
        syscall($unshare + 0, 0x20000) == 0 or failed("unshare");
        sub place {
          my ($from, $to, $type, $flags, $options) = @_;
          syscall($mount + 0, $from, $to, $type, $flags + 0, $options) == 0 or failed("mount");
        }
        my $owned = "nr_inodes=$inodes,uid=$uid,gid=$uid";
        place("tmp", "$base/t", "tmpfs", 6, "size=$tmp,mode=1777,$owned");
        place("work", "$base/k", "tmpfs", 6, "size=$work,mode=755,$owned") if $work;
        my $number = 0;
        for my $folder (@$shown, @$given) { place($folder, "$base/m/" . $number++, "none", 0x5000, "") }
        for (@$shown .. $number - 1) { chown($uid, $uid, "$base/m/$_") == 1 or failed("chown") }
        # locks stay with the process that waits: the command must not be able to unlock them
        if (open(my $given, "<&=", 5)) { close $given }
        close $_ for @kept;
        if ($uid && !$keeps) {
          $) = "$uid $uid"; $( = $uid; $< = $uid; $> = $uid;
          failed("uid") if $> != $uid || $< != $uid || $) != $uid;
        }
        exec { $ARGV[0] } @ARGV;
        failed("cannot start $ARGV[0]");
        """;

    /// <summary>The file number from which a program that waits reads the rest of its command line.</summary>
    public const int RequestFile = 9;

    /// <summary>The command line of a program that enters the room and waits there.</summary>
    public static IEnumerable<string> WaitingArgv(UserNamespace room, ImmutableArray<string> groups) =>
        Entering(room, RequestFile, groups);

    /// <summary>The command line before the program that is to stand in the room.</summary>
    public static IEnumerable<string> Argv(UserNamespace room, ImmutableArray<string> groups,
        IEnumerable<string> rest) => [.. Entering(room, 0, groups), .. rest];

    /// <summary>What comes after a program is in the room; then follows what it becomes.</summary>
    /// <param name="lease">The sandbox's uid; 0 where there is no other.</param>
    /// <param name="keepsUid">The program makes its own namespaces, and goes down to the uid itself.</param>
    /// <param name="shown">Folders, mounted at <c>m/0…</c> of the room's base.</param>
    /// <param name="given">Folders that the sandbox's uid gets, mounted after those.</param>
    /// <param name="lockFile">A file to lock for the command's life; empty where one is inherited.</param>
    public static IEnumerable<string> Rest(SandboxSpec spec, SandboxOptions options, UidLease lease,
        bool keepsUid, IEnumerable<string> shown, IEnumerable<string> given, string lockFile)
    {
        var work = spec.Workspace is null ? spec.Limits.WorkspaceBytesMax ?? spec.Limits.TmpBytesMax : 0;
        return
        [
            lockFile, lease.LockPath, Text(lease.Uid), keepsUid ? "1" : "0", spec.Pty ? "1" : "0",
            Text(options.TmpInodesMax), Text(spec.Limits.TmpBytesMax), Text(work),
            .. shown, "--", .. given, "--",
        ];
    }

    private static string[] Entering(UserNamespace room, int request, ImmutableArray<string> groups)
    {
        var arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        return
        [
            "perl", "-e", Script, arm ? "268" : "308", arm ? "97" : "272", arm ? "40" : "165",
            Text(room.HolderPid), room.Base, Text(request), .. groups, "--",
        ];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
