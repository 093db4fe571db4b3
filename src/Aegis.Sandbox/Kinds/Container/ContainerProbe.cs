using System.Collections.Immutable;

namespace Aegis.Sandbox.Kinds.Container;

/// <summary>Enters a container and looks around, with nothing but a shell: an image has what it has.
/// </summary>
internal static class ContainerProbe
{
    private const string Script = """
        while read -r name value _; do
          case $name in Seccomp:|NoNewPrivs:|CapBnd:|CapEff:) echo "$name$value" | tr : = ;; esac
        done < /proc/self/status
        net=; while read -r name _; do case $name in *:) net="$net$name" ;; esac; done < /proc/net/dev
        echo "net=$net"
        (: > /x) 2>/dev/null && echo "writable=yes"
        (: > /work/x && : > /tmp/x) 2>/dev/null && echo "work=yes"
        echo "seen=done"
        """;

    public static async Task<ImmutableArray<WallRecord>> EnterAsync(ContainerKind kind, string image,
        CancellationToken cancel)
    {
        var limits = SandboxLimits.Default with
        {
            MemoryBytesMax = null,
            WallTimeMax = TimeSpan.FromSeconds(30),
        };
        var (seen, _, _) = await Seen.AskAsync(Script, limits, (spec, io) =>
            kind.RunContainerAsync(spec with { Kind = kind.Kind, Image = image }, io, cancel));
        seen.Require("files", "seen", "done");
        seen.Require("files", "writable", null);
        seen.Require("files", "work", "yes");
        seen.Require("processes", "NoNewPrivs", "1");
        seen.Require("processes", "CapBnd", "0000000000000000");
        seen.Require("processes", "CapEff", "0000000000000000");
        seen.Require("syscalls", "Seccomp", "2");
        seen.Require("network", "net", "lo:");
        return
        [
            new("uid", "own host uid of the subuid range, alone in a user namespace", true),
            new("files", "runc: an image's read-only root, /work and /tmp, masked /proc, no_new_privs", true),
            new("processes", "pid namespace, no capabilities, no namespace calls", true),
            new("syscalls", "seccomp deny-list (runc), foreign architectures killed", true),
            new("network", "own network namespace with loopback only", true),
        ];
    }
}
