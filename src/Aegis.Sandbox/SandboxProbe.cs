using System.Collections.Immutable;
using System.Globalization;
using Aegis.Sandbox.Kinds;

namespace Aegis.Sandbox;

/// <summary>Enters a sandbox and looks around: a wall is there because it was seen from inside, not because
/// it was asked for.</summary>
internal static class SandboxProbe
{
    private const string Script = """
        sed -n 's/^\(Seccomp\|NoNewPrivs\|CapBnd\|CapEff\):[[:space:]]*/\1=/p' /proc/self/status
        read -r inside outside count < /proc/self/uid_map; echo "map=$inside $count"
        unshare --user true 2>/dev/null && echo "userns=made" || echo "userns=refused"
        echo "net=$(sed -n 's/^ *\([^:]*\):.*/\1/p' /proc/net/dev | tr '\n' ' ')"
        echo "init=$(tr '\0' ' ' < /proc/1/cmdline | cut -c1-10)"
        echo "leak=$(ls -d /home /root/* /var/lib /sys/kernel /etc/shadow 2>/dev/null | tr '\n' ' ')"
        touch /usr/x /etc/x /x /dev/x 2>/dev/null && echo "writable=yes"
        echo "seen=done"
        """;

    public static async Task<ImmutableArray<WallRecord>> EnterAsync(SandboxRunner runner, bool hasSubuids,
        CancellationToken cancel)
    {
        var limits = SandboxLimits.Default with
        {
            MemoryBytesMax = null,
            WallTimeMax = TimeSpan.FromSeconds(30),
        };
        var (seen, _, _) = await Seen.AskAsync(Script, limits, (spec, io) =>
            runner.EncloseAsync(spec, io, null, cancel));
        return Judge(seen, hasSubuids);
    }

    private static ImmutableArray<WallRecord> Judge(Seen seen, bool hasSubuids)
    {
        seen.Require("files", "seen", "done");
        seen.Require("files", "leak", "");
        seen.Require("files", "writable", null);
        seen.Require("uid", "map", "1000 1");
        seen.Require("processes", "NoNewPrivs", "1");
        seen.Require("processes", "init", "/bin/sh -c");
        foreach (var set in new[] { "CapBnd", "CapEff" })
        {
            seen.Require("processes", set, 0L.ToString("x16", CultureInfo.InvariantCulture));
        }
        seen.Require("processes", "userns", "refused");
        seen.Require("syscalls", "Seccomp", "2");
        seen.Require("network", "net", "lo");
        return
        [
            new("uid", hasSubuids
                ? "own host uid of the subuid range, alone in a user namespace"
                : "single-uid user namespace (the server's host uid, no capabilities)", true),
            new("files", "bubblewrap: read-only system, own /tmp, /dev and /proc, no_new_privs", true),
            new("processes", "pid namespace, clean pid 1, no capabilities, no nested user namespaces", true),
            new("syscalls", "seccomp deny-list (libseccomp), foreign architectures killed", true),
            new("network", "own network namespace with loopback only", true),
        ];
    }
}
