using System.Collections.Immutable;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>Boots a machine and looks around in it.</summary>
internal static class MicrovmProbe
{
    private const string Script = """
        read -r _ _ kernel _ < /proc/version; echo "kernel=$kernel"
        while read -r name value _; do
          case $name in Uid:|NoNewPrivs:|CapEff:) echo "$name$value" | tr : = ;; esac
        done < /proc/self/status
        (unshare --user true) 2>/dev/null && echo "userns=made" || echo "userns=refused"
        net=; while read -r name _; do case $name in *:) net="$net$name" ;; esac; done < /proc/net/dev
        echo "net=$net"
        (: > /usr/x) 2>/dev/null && echo "writable=yes"
        echo "seen=done"
        """;

    public static async Task<ImmutableArray<WallRecord>> EnterAsync(MicrovmKind kind, TimeSpan limit,
        CancellationToken cancel)
    {
        var limits = SandboxLimits.Default with
        {
            MemoryBytesMax = 160L << 20,
            TmpBytesMax = 1L << 20,
            WorkspaceBytesMax = 1L << 20,
            WallTimeMax = limit,
        };
        var (seen, outcome, said) = await Seen.AskAsync(Script, limits, (spec, io) =>
            kind.RunMachineAsync(spec with { Kind = kind.Kind }, io, cancel));
        if (outcome.ExitCode != 0)
        {
            throw KindErrors.VmEnded(outcome.TimedOut ? $"no end within {limit.TotalSeconds:0} s"
                : said);
        }
        return Judge(seen, outcome.Duration);
    }

    private static ImmutableArray<WallRecord> Judge(Seen seen, TimeSpan took)
    {
        seen.Require("files", "seen", "done");
        seen.Require("files", "writable", null);
        seen.Require("uid", "Uid", "1000");
        seen.Require("processes", "NoNewPrivs", "1");
        seen.Require("processes", "CapEff", "0000000000000000");
        seen.Require("processes", "userns", "refused");
        seen.Require("network", "net", "lo:");
        var how = Acceleration.KvmIsOpen() ? "KVM or emulation" : "emulation";
        return
        [
            new("uid", "uid of the guest's own; QEMU has a host uid of the namespace kind", true),
            new("files", "disks: a read-only system, /work and nothing else of the host", true),
            new("processes", "processes of a machine of its own, no privileges, no nested user namespaces",
                true),
            new("syscalls", $"a kernel of its own ({seen["kernel"]}) under {how}, started in "
                + $"{took.TotalSeconds:0.0} s; QEMU behind two seccomp filters", true),
            new("network", "no network device and no vsock; loopback only", true),
        ];
    }
}
