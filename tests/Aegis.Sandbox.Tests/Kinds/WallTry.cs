using System.Net;
using System.Net.Sockets;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests.Kinds;

/// <summary>One attack as a shell text that ends with 0 where it got through. The same text runs behind each
/// kind's walls, where it must not, and without them, where it must.</summary>
/// <param name="Without">What stands before it for the control: nothing, or a bare namespace in which the
/// caller is root.</param>
public sealed record WallTry(string Name, string Act, params string[] Without)
{
    private static readonly string[] AsRoot = ["unshare", "--user", "--map-root-user"];

    public static IReadOnlyList<WallTry> All { get; } =
    [
        new("file of the server", "cat HOME/secret"),
        new("path traversal", "cat /work/../../../../..HOME/secret /tmp/../..HOME/secret"),
        new("link out of the workspace", "rm -f l; ln -s HOME/secret l; cat l"),
        new("hard link out of the workspace", "rm -f h; ln HOME/secret h && cat h"),
        new("race of a link", Race("ln -sf HOME/secret r; ln -sf mine r")),
        new("race of a hard link", Race("rm -f r; ln HOME/secret r; rm -f r; cp mine r")),
        new("by the root of a process", "cat /proc/1/root/HOME/secret || cat /proc/self/root/HOME/secret"),
        new("by the folder of a process", "cd /proc/self/root/HOME && cat secret"),
        new("folder of the server, listed", "ls HOME | grep -q secret"),
        new("file of the server, written", "echo x >> HOME/written"),
        new("socket file of the server", "test -S HOME/socket"),
        new("host process, signalled", "kill -0 VICTIM"),
        new("host process, seen", "grep -q '[h]ost-marker' /proc/[0-9]*/cmdline"),
        new("host process, its memory map", "cat /proc/VICTIM/maps"),
        new("host listener on loopback",
            "nc -w 1 127.0.0.1 PORT </dev/null || bash -c 'exec 3<>/dev/tcp/127.0.0.1/PORT'"),
        new("user namespace", "unshare --user true || unshare -U true"),
        new("user and network namespace", "unshare --user --net true || unshare -U -n true"),
        new("privileges by a setuid bit", "grep -q 'NoNewPrivs:.0' /proc/self/status"),
        new("mount", "mount -t tmpfs none /tmp", [.. AsRoot, "--mount"]),
        new("bind mount", "mount --bind /usr /tmp || mount -o bind /bin /tmp", [.. AsRoot, "--mount"]),
        new("name of the machine", "hostname pwned || /run/busybox hostname pwned", [.. AsRoot, "--uts"]),
        new("host process, its place in /proc written", "echo 900 > /proc/VICTIM/oom_score_adj"),
        new("sysfs, mounted", "mount -t sysfs none /sys || mount -t sysfs none /tmp",
            [.. AsRoot, "--net", "--mount"]),
        new("setting of the network", "echo 1 > /proc/sys/net/ipv4/ip_forward",
            [.. AsRoot, "--net", "--mount"]),
        new("owner of a file, changed", "touch o && chown 0:0 o", [.. AsRoot]),
    ];

    public override string ToString() => Name;

    /// <summary>Reads a name again and again while it is made to mean one thing and another.</summary>
    private static string Race(string swap) =>
        $"echo own > mine; (while :; do {swap}; done) >/dev/null 2>&1 & swapping=$!; i=0; found=1; "
        + "while [ $i -lt 100 ] && [ $found = 1 ]; do i=$((i+1)); "
        + "[ \"$(cat r 2>/dev/null)\" = token ] && found=0; done; kill $swapping; exit $found";
}

/// <summary>What the tries aim at, on the host.</summary>
public sealed class WallTargets : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly LaunchedProcess victim;
    private readonly ProcessLauncher launcher;
    private readonly string home;

    private WallTargets(ProcessLauncher launcher, LaunchedProcess victim, string home)
    {
        (this.launcher, this.victim, this.home) = (launcher, victim, home);
        File.WriteAllText(Path.Combine(home, "secret"), "token");
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(home, "socket")));
        socket.Listen();
        listener.Start();
    }

    public static async Task<WallTargets> OpenAsync(ProcessLauncher launcher) => new(launcher,
        await launcher.StartAsync(new ProcessSpec("sh", ["-c", ": host-marker; read x; :"],
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
            Stdin: StdinMode.Pipe)), Directory.CreateTempSubdirectory("aegis-targets-").FullName);

    public string Aim(WallTry one) => one.Act.Replace("HOME", home, StringComparison.Ordinal)
        .Replace("VICTIM", $"{victim.Pid}", StringComparison.Ordinal)
        .Replace("PORT", $"{((IPEndPoint)listener.LocalEndpoint).Port}", StringComparison.Ordinal);

    /// <summary>The same act without the walls.</summary>
    public async Task<int?> WithoutAsync(WallTry one)
    {
        await using var process = await launcher.StartAsync(new ProcessSpec(
            one.Without is [var first, ..] ? first : "sh",
            one.Without.Length == 0 ? ["-c", Aim(one)] : [.. one.Without[1..], "sh", "-c", Aim(one)],
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty
                .Add("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), home));
        await Task.WhenAll(process.Stdout.CopyToAsync(Stream.Null), process.Stderr.CopyToAsync(Stream.Null));
        return (await process.Exited).ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await victim.DisposeAsync();
        listener.Dispose();
        socket.Dispose();
        Directory.Delete(home, recursive: true);
    }
}
