using System.Collections.Immutable;
using System.Globalization;
using System.Text;

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
        var said = new StringBuilder();
        var spec = new SandboxSpec("probe", ["sh", "-c", Script], "/work",
            ImmutableSortedDictionary<string, string>.Empty, null, [], SandboxLimits.Default with
            {
                MemoryBytesMax = null,
                WallTimeMax = TimeSpan.FromSeconds(30),
            });
        await runner.RunAsync(spec, new SandboxIo(OnOutput: (channel, piece) =>
        {
            if (channel == OutputChannel.Stdout)
            {
                said.Append(Encoding.UTF8.GetString(piece.Span));
            }
            return default;
        }), cancel);
        var seen = said.ToString().Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal))
            .Select(l => l.Split('=', 2)).DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1].Trim());
        return Judge(seen, hasSubuids);
    }

    private static ImmutableArray<WallRecord> Judge(Dictionary<string, string> seen, bool hasSubuids)
    {
        Require(seen, "files", "seen", "done");
        Require(seen, "files", "leak", "");
        Require(seen, "files", "writable", null);
        Require(seen, "uid", "map", "1000 1");
        Require(seen, "processes", "NoNewPrivs", "1");
        Require(seen, "processes", "init", "/bin/sh -c");
        foreach (var set in new[] { "CapBnd", "CapEff" })
        {
            Require(seen, "processes", set, 0L.ToString("x16", CultureInfo.InvariantCulture));
        }
        Require(seen, "processes", "userns", "refused");
        Require(seen, "syscalls", "Seccomp", "2");
        Require(seen, "network", "net", "lo");
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

    private static void Require(Dictionary<string, string> seen, string wall, string fact, string? expected)
    {
        var got = seen.GetValueOrDefault(fact);
        if (got != expected)
        {
            throw SandboxErrors.WallMissing(wall, $"{fact} = '{expected ?? "(unset)"}' inside",
                $"'{got ?? "(unset)"}'",
                "See docs/sandbox.md, 'When it does not start'");
        }
    }
}
