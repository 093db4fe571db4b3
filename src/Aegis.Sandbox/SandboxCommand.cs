using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox;

/// <summary>The command line that builds the walls around a command, outermost first:
/// <list type="number">
/// <item>nsenter into the server's namespaces, and unshare: mounts from here on vanish with the
/// command;</item>
/// <item>a shell that joins the control groups (where there are any) and mounts the sized /tmp and the
/// read-only folders;</item>
/// <item>setpriv to the sandbox's own uid;</item>
/// <item>bwrap: all namespaces anew, files, system calls. Its arguments travel in a memory file and its
/// environment is clean, so nothing of either can be read inside;</item>
/// <item>prlimit inside the new user namespace, where the count of processes is the sandbox's own;</item>
/// <item>a shell as pid 1, which reaps and outlives a terminal's Ctrl-C.</item>
/// </list></summary>
internal static class SandboxCommand
{
    public const int ArgumentsFile = 3;
    public const int FilterFile = 4;
    public const int LockFile = 5;
    public const int StatusFile = 6;
    public const int EnvironmentFile = 7;
    public const int ProxyFile = 8;
    public const int CertificatesFile = 9;

    /// <summary>What bwrap can bind from the host's /etc; none of it is private (of Maven's folder not
    /// settings.xml, which may hold passwords).</summary>
    private static readonly string[] EtcShown =
    [
        "alternatives", "ca-certificates", "debian_version", "dotnet", "fonts", "java-17-openjdk",
        "java-21-openjdk", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "lsb-release", "magic",
        "maven/logging", "maven/m2.conf", "mime.types", "nsswitch.conf", "os-release",
        "perl", "protocols", "python3", "python3.11", "python3.12", "services",
        "ssl/certs", "ssl/openssl.cnf", "terminfo", "timezone",
    ];

    private const string MountScript = """
        base=$1 uid=$2 inodes=$3 tmp=$4 work=$5; shift 5
        while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done
        shift
        mount -t tmpfs -o "size=$tmp,nr_inodes=$inodes,mode=1777,uid=$uid,gid=$uid" tmp "$base/t" || exit 125
        [ "$work" = 0 ] ||
          mount -t tmpfs -o "size=$work,nr_inodes=$inodes,mode=755,uid=$uid,gid=$uid" work "$base/k" ||
          exit 125
        i=0
        while [ "$1" != -- ]; do mount --rbind "$1" "$base/m/$i" || exit 125; i=$((i+1)); shift; done
        shift
        exec 5>&-
        exec "$@"
        """;

    // The spec's variables come last, from a file, when every limit is set: a PATH or an LD_PRELOAD of the
    // workflow's must not reach the programs that set them.
    private const string InitScript = """
        exec 3>&2 2>/dev/null
        cd -- "$1" || { echo "no folder $1" >&3; exit 126; }
        shift
        ([ ! -e /run/env ] || . /run/env; exec "$@" 2>&3 3>&-)
        exit $?
        """;

    private const string TerminalSignals = "INT,QUIT,TSTP";

    public static ImmutableArray<string> Argv(SandboxSpec spec, SandboxOptions options, UserNamespace room,
        CgroupFolders? groups)
    {
        var argv = ImmutableArray.CreateBuilder<string>();
        if (spec.Pty)
        {
            // Ctrl-C is for the command: what stands around it must not die of it
            argv.AddRange("env", "--ignore-signal=" + TerminalSignals);
        }
        argv.AddRange(room.Enter);
        argv.AddRange("unshare", "--mount", "sh", "-c", MountScript, "sh", room.Base, Text(room.SandboxUid),
            Text(options.TmpInodesMax), Text(spec.Limits.TmpBytesMax),
            Text(spec.Workspace is null ? spec.Limits.WorkspaceBytesMax ?? spec.Limits.TmpBytesMax : 0));
        if (groups is not null)
        {
            argv.AddRange(new[] { groups.Memory, groups.Pids }.Distinct());
        }
        argv.Add("--");
        argv.AddRange(spec.Mounts.Select(m => m.HostPath));
        argv.Add("--");
        if (room.HasSubuids)
        {
            argv.AddRange("setpriv", "--reuid", Text(room.SandboxUid), "--regid", Text(room.SandboxUid),
                "--clear-groups");
        }
        argv.AddRange("bwrap", "--args", Text(ArgumentsFile), "--");
        argv.AddRange(Limits(spec.Limits, options));
        argv.AddRange("/bin/sh", "-c",
            (spec.Network is null ? "" : ListenerHandOver.Script(ProxyFile)) + InitScript, "sh",
            spec.WorkingDirectory);
        if (spec.Pty)
        {
            argv.AddRange("/usr/bin/env", "--default-signal=" + TerminalSignals);
        }
        argv.AddRange(spec.Argv);
        return argv.ToImmutable();
    }

    /// <summary>bwrap's own arguments, separated by NUL.</summary>
    public static byte[] BwrapArguments(SandboxSpec spec, SandboxOptions options, UserNamespace room,
        string? overlay, bool certificates)
    {
        var a = new List<string>
        {
            "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--as-pid-1",
            "--uid", "1000", "--gid", "1000", "--hostname", "aegis", "--clearenv", "--cap-drop", "ALL",
            "--seccomp", Text(FilterFile), "--json-status-fd", Text(StatusFile),
        };
        a.AddRange(["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]);
        foreach (var link in new[] { "bin", "sbin", "lib", "lib32", "lib64", "libx32" }.Where(IsLinkToUsr))
        {
            a.AddRange(["--symlink", "usr/" + link, "/" + link]);
        }
        foreach (var folder in options.SystemFolders)
        {
            a.AddRange(["--ro-bind", folder, folder]);
        }
        foreach (var name in EtcShown)
        {
            a.AddRange(["--ro-bind-try", "/etc/" + name, "/etc/" + name]);
        }
        foreach (var name in new[] { "passwd", "group", "hosts" })
        {
            a.AddRange(["--ro-bind", $"{room.Base}/etc/{name}", "/etc/" + name]);
        }
        AddWritable(a, room, overlay);
        for (var i = 0; i < spec.Mounts.Length; i++)
        {
            a.AddRange(["--ro-bind", $"{room.Base}/m/{i}", spec.Mounts[i].InsidePath]);
        }
        AddEnvironment(a, spec, options, certificates);
        // bwrap's own / and /dev are file systems in memory without a size
        a.AddRange(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/work"]);
        WithoutWall(a, options.WithoutWallForTest);
        return Encoding.UTF8.GetBytes(string.Join('\0', a) + '\0');
    }

    /// <summary>The spec's variables as a shell reads them.</summary>
    public static byte[] EnvironmentScript(SandboxSpec spec) => Encoding.UTF8.GetBytes(string.Concat(
        spec.Env.Select(e =>
            $"export {e.Key}='{e.Value.Replace("'", "'\\''", StringComparison.Ordinal)}'\n")));

    private static void AddWritable(List<string> a, UserNamespace room, string? overlay) => a.AddRange([
        "--bind", room.Base + "/t", "/tmp", "--bind", room.Base + "/t", "/dev/shm", "--dir", "/tmp/home",
        "--dir", "/var", "--symlink", "/tmp", "/var/tmp", "--dir", "/run", "--dir", "/root",
        "--bind", overlay ?? room.Base + "/k", "/work", "--dir", "/app",
        "--symlink", "/work", "/app/workplace",
    ]);

    private static void AddEnvironment(List<string> a, SandboxSpec spec, SandboxOptions options,
        bool certificates)
    {
        var env = new Dictionary<string, string>
        {
            ["PATH"] = options.InsidePath,
            ["HOME"] = "/tmp/home",
            ["LANG"] = "C.UTF-8",
            ["TERM"] = spec.Pty ? "xterm-256color" : "dumb",
        };
        foreach (var (name, value) in env.Concat(spec.Network?.Environment(certificates) ?? []))
        {
            a.AddRange(["--setenv", name, value]);
        }
        if (certificates)
        {
            a.AddRange(["--ro-bind-data", Text(CertificatesFile), CommandAuthority.InsidePath]);
        }
        if (!spec.Env.IsEmpty)
        {
            a.AddRange(["--ro-bind-data", Text(EnvironmentFile), "/run/env"]);
        }
    }

    private static IEnumerable<string> Limits(SandboxLimits limits, SandboxOptions options)
    {
        // a process gets SIGXCPU at the limit and, where it lives on, SIGKILL five seconds of CPU later
        var cpu = (long)Math.Ceiling(limits.CpuTimeMax.TotalSeconds);
        yield return "/usr/bin/prlimit";
        yield return "--core=0";
        if (options.WithoutWallForTest != "cpu")
        {
            yield return $"--cpu={Text(cpu)}:{Text(cpu + 5)}";
        }
        if (options.WithoutWallForTest != "pids")
        {
            yield return $"--nproc={Text(limits.ProcessesMax)}";
        }
        if (limits.MemoryBytesMax is { } memory && options.WithoutWallForTest != "memory")
        {
            yield return $"--data={Text(memory)}";
        }
        if (limits.WorkspaceBytesMax is { } file && options.WithoutWallForTest != "workspace")
        {
            yield return $"--fsize={Text(file)}";
        }
        yield return "--";
    }

    private static void WithoutWall(List<string> a, string? wall)
    {
        string[] removed = wall switch
        {
            "network" => ["--unshare-all"],
            "processes" => ["--unshare-all", "--disable-userns", "--as-pid-1"],
            "userns" => ["--disable-userns"],
            "syscalls" => ["--seccomp", Text(FilterFile)],
            _ => [],
        };
        foreach (var argument in removed)
        {
            a.Remove(argument);
        }
        a.InsertRange(0, wall switch
        {
            "network" => ["--unshare-ipc", "--unshare-pid", "--unshare-uts"],
            "processes" => ["--unshare-ipc", "--unshare-net", "--unshare-uts"],
            _ => Array.Empty<string>(),
        });
    }

    private static bool IsLinkToUsr(string name) => new DirectoryInfo("/" + name).LinkTarget is not null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
