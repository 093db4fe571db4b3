using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Aegis.Sandbox.Egress;
using Aegis.Sandbox.Kinds;

namespace Aegis.Sandbox;

/// <summary>The command line that builds the walls around a command, outermost first:
/// <list type="number">
/// <item><see cref="RoomEntry"/>: into the server's namespaces and the control groups, the sized /tmp, the
/// sandbox's own uid; mounts from here on vanish with the command;</item>
/// <item>bwrap: all namespaces anew, files, system calls. Its arguments travel in a memory file and its
/// environment is clean, so nothing of either can be read inside;</item>
/// <item>a shell as pid 1, which sets the limits (inside the new user namespace, where the count of processes
/// is the sandbox's own), reaps, and outlives a terminal's Ctrl-C.</item>
/// </list></summary>
internal static class SandboxCommand
{
    public const int ArgumentsFile = 3;
    public const int FilterFile = 4;
    public const int LockFile = 5;
    public const int StatusFile = 6;
    public const int EnvironmentFile = 7;
    public const int ProxyFile = 8;
    public const int CertificatesFile = 10;

    /// <summary>In place of bubblewrap, where that does not say how the command ended: it was not
    /// started.</summary>
    public const string TellFailure = """{ echo '{"exit-code": 125}' >&6; exit 125; }""";

    // The spec's variables come last, from a file, when every limit is set: a PATH or an LD_PRELOAD of the
    // workflow's must not reach the programs that set them.
    private const string InitScript = """
        exec 3>&2 2>/dev/null
        eval "$1" || { echo "no limits" >&3; exit 125; }
        shift
        cd -- "$1" || { echo "no folder $1" >&3; exit 126; }
        shift
        ([ ! -e /run/env ] || . /run/env; exec "$@" 2>&3 3>&-)
        exit $?
        """;

    private const string TerminalSignals = "INT,QUIT,TSTP";

    /// <summary>The command line from the room on; see <see cref="RoomEntry"/> for what is before.</summary>
    /// <param name="overlay">The workspace's mount point in the room.</param>
    /// <param name="lease">The command's uid.</param>
    /// <param name="enclosure">What a kind changes; null for the plain one.</param>
    /// <param name="lockFile">The attempt's, where no open one is inherited.</param>
    public static ImmutableArray<string> Argv(SandboxSpec spec, SandboxOptions options, UserNamespace room,
        UidLease lease, string? overlay = null, Enclosure? enclosure = null, string lockFile = "")
    {
        var argv = ImmutableArray.CreateBuilder<string>();
        var folders = enclosure?.Folders ?? [];
        argv.AddRange(RoomEntry.Rest(spec, options, lease, enclosure?.Inner is not null,
            spec.Mounts.Select(m => m.HostPath).Concat(folders.Where(f => !f.Writable).Select(f =>
                f.HostPath)),
            folders.Where(f => f.Writable).Select(f => f.HostPath), lockFile));
        if (enclosure?.Inner is { } inner)
        {
            argv.AddRange(inner(room, lease.Uid, overlay));
            return argv.ToImmutable();
        }
        argv.AddRange("bwrap", "--args", Text(ArgumentsFile), "--");
        if (options.AppArmor)
        {
            argv.AddRange("/usr/bin/setpriv", "--apparmor-profile", AppArmorProfile.Name, "--");
        }
        argv.AddRange("/bin/sh", "-c",
            (spec.Network is null ? "" : ListenerHandOver.Script(ProxyFile,
                enclosure?.SaysItsEnd == true ? TellFailure : "exit 125")) + InitScript, "sh",
            Limits(spec.Limits, options), spec.WorkingDirectory);
        if (spec.Pty)
        {
            argv.AddRange("/usr/bin/env", "--default-signal=" + TerminalSignals);
        }
        argv.AddRange(spec.Argv);
        return argv.ToImmutable();
    }

    /// <summary>bwrap's own arguments, separated by NUL.</summary>
    public static byte[] BwrapArguments(SandboxSpec spec, SandboxOptions options, UserNamespace room,
        string? overlay, Enclosure? enclosure = null, bool variables = false)
    {
        var a = new List<string>
        {
            "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--as-pid-1",
            "--uid", "1000", "--gid", "1000", "--hostname", "aegis", "--clearenv", "--cap-drop", "ALL",
            "--seccomp", Text(FilterFile),
        };
        if (enclosure?.SaysItsEnd != true)
        {
            a.AddRange(["--json-status-fd", Text(StatusFile)]);
        }
        a.AddRange(["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]);
        foreach (var link in new[] { "bin", "sbin", "lib", "lib32", "lib64", "libx32" }.Where(IsLinkToUsr))
        {
            a.AddRange(["--symlink", "usr/" + link, "/" + link]);
        }
        foreach (var folder in options.SystemFolders)
        {
            a.AddRange(["--ro-bind", folder, folder]);
        }
        a.AddRange(["--ro-bind", room.Etc, "/etc"]);
        AddWritable(a, room, overlay);
        for (var i = 0; i < spec.Mounts.Length; i++)
        {
            a.AddRange(["--ro-bind", $"{room.Base}/m/{i}", enclosure?.MountsBelow is { } below
                ? $"{below}/{Text(i)}" : spec.Mounts[i].InsidePath]);
        }
        Enclose(a, spec, room, enclosure);
        AddEnvironment(a, spec, options, variables);
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

    private static void Enclose(List<string> a, SandboxSpec spec, UserNamespace room, Enclosure? enclosure)
    {
        var number = spec.Mounts.Length;
        foreach (var folder in enclosure?.Folders.OrderBy(f => f.Writable) ?? Enumerable.Empty<RoomFolder>())
        {
            a.AddRange([folder.Writable ? "--bind" : "--ro-bind", $"{room.Base}/m/{number++}",
                folder.InsidePath]);
        }
        foreach (var device in enclosure?.Devices ?? [])
        {
            a.AddRange(["--dev-bind", device, device]);
        }
        foreach (var file in enclosure?.Data ?? [])
        {
            a.AddRange(["--ro-bind-data", Text(file.Number), file.InsidePath]);
        }
    }

    private static void AddEnvironment(List<string> a, SandboxSpec spec, SandboxOptions options,
        bool variables)
    {
        var env = new Dictionary<string, string>
        {
            ["PATH"] = options.InsidePath,
            ["HOME"] = "/tmp/home",
            ["LANG"] = "C.UTF-8",
            ["TERM"] = spec.Pty ? "xterm-256color" : "dumb",
        };
        foreach (var (name, value) in env.Concat(spec.Network?.Environment() ?? []))
        {
            a.AddRange(["--setenv", name, value]);
        }
        if (spec.Network is { HasAuthority: true })
        {
            a.AddRange(["--ro-bind-data", Text(CertificatesFile), CommandAuthority.InsidePath]);
        }
        if (variables || !spec.Env.IsEmpty)
        {
            a.AddRange(["--ro-bind-data", Text(EnvironmentFile), "/run/env"]);
        }
    }

    /// <summary>The limits as the first shell sets them: memory in KiB, files in blocks of 512 bytes.
    /// </summary>
    internal static string Limits(SandboxLimits limits, SandboxOptions options)
    {
        // a process gets SIGXCPU at the limit and, where it lives on, SIGKILL five seconds of CPU later
        var cpu = (long)Math.Ceiling(limits.CpuTimeMax.TotalSeconds);
        var all = new List<string> { "ulimit -c 0" };
        if (options.WithoutWallForTest != "cpu")
        {
            all.Add($"ulimit -S -t {Text(cpu)} && ulimit -H -t {Text(cpu + 5)}");
        }
        if (options.WithoutWallForTest != "pids")
        {
            all.Add($"ulimit -p {Text(limits.ProcessesMax)}");
        }
        if (limits.MemoryBytesMax is { } memory && options.WithoutWallForTest != "memory")
        {
            all.Add($"ulimit -d {Text(memory / 1024)}");
        }
        if (limits.WorkspaceBytesMax is { } file && options.WithoutWallForTest != "workspace")
        {
            all.Add($"ulimit -f {Text(file / 512)}");
        }
        return string.Join(" && ", all);
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
