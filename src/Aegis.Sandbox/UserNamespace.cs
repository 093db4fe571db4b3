using System.Collections.Immutable;
using System.Text;
using Aegis.Processes;

namespace Aegis.Sandbox;

/// <summary>The room in which all sandboxes of a server are built: a user, mount and pid namespace of our
/// own, held open by one process.
/// <para>Why one room and not one per sandbox: the mapping of subuids is made once; an attempt's overlay is
/// mounted once, however many commands run over it; and when the holder dies, the kernel kills everything in
/// its pid namespace, so that no moment in a sandbox's start is outside the server's life.</para>
/// <para>Inside, uid 0 is the server's own uid and uid 1 the first of its subuid range, where there is
/// one.</para>
/// </summary>
internal sealed class UserNamespace : IAsyncDisposable
{
    /// <summary>A folder that every system has and no server lives in; it is covered in this namespace
    /// only.</summary>
    private static readonly string[] BaseCandidates = ["/boot", "/media", "/srv", "/mnt"];

    private const string HolderScript = """
        base=$1; uid=$2
        mount -t tmpfs -o mode=755,size=64m,nr_inodes=262144 aegis "$base" || exit 1
        mkdir "$base/t" "$base/k" "$base/w" "$base/m" "$base/b" "$base/e" || exit 1
        i=0; while [ $i -lt 64 ]; do mkdir "$base/m/$i"; i=$((i+1)); done
        echo ready
        exec env --ignore-signal=CHLD cat
        """;

    private readonly ProcessLauncher launcher;
    private readonly LaunchedProcess holder;
    private readonly SemaphoreSlim refreshing = new(1);
    private long etcStamp;
    private int views;

    private UserNamespace(ProcessLauncher launcher, LaunchedProcess holder, string baseFolder,
        bool hasSubuids)
    {
        this.launcher = launcher;
        this.holder = holder;
        Base = baseFolder;
        HasSubuids = hasSubuids;
        if (hasSubuids)
        {
            Uids = new UidRange(MapOf(holder.Pid).First(m => m[0] == 1)[1], UidCount(holder.Pid) - 1);
        }
        Enter =
        [
            "nsenter", $"--user=/proc/{holder.Pid}/ns/user", $"--mount=/proc/{holder.Pid}/ns/mnt",
            $"--pid=/proc/{holder.Pid}/ns/pid_for_children",
            // with a single uid the kernel refuses setgroups, which nsenter would call
            .. hasSubuids ? Array.Empty<string>() : ["--preserve-credentials"], "--",
        ];
    }

    public static ImmutableSortedDictionary<string, string> CleanEnvironment { get; } =
        ImmutableSortedDictionary<string, string>.Empty
            .Add("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").Add("LC_ALL", "C");

    /// <summary>Our tmpfs: <c>t</c> and <c>k</c> are mount points of a sandbox's /tmp and /work,
    /// <c>m/0…63</c> of its folders, <c>b</c> of a container's bundle, <c>w/KEY</c> of overlays; <c>e/N</c>
    /// is what sandboxes see as /etc.</summary>
    public string Base { get; }

    /// <summary>A process of this namespace, as the host numbers it.</summary>
    public int HolderPid => holder.Pid;

    /// <summary>Numbers mounts of views.</summary>
    public int NextView() => Interlocked.Increment(ref views);

    public bool HasSubuids { get; }

    /// <summary>The uids in here beside the server's own; null where there is no other.</summary>
    public UidRange? Uids { get; }

    /// <summary>The argv prefix with which a program runs in here.</summary>
    public ImmutableArray<string> Enter { get; }

    public bool IsAlive => !holder.Exited.IsCompleted;

    public static async Task<UserNamespace> OpenAsync(ProcessLauncher launcher, UidWall uid,
        CancellationToken cancel)
    {
        var refusal = "";
        foreach (var subuids in uid == UidWall.Best ? new[] { true, false } : [false])
        {
            var baseFolder = BaseCandidates.FirstOrDefault(Directory.Exists) ?? "/tmp";
            var holder = await launcher.StartAsync(HolderSpec(baseFolder, subuids), cancel);
            var ready = false;
            try
            {
                ready = await new StreamReader(holder.Stdout).ReadLineAsync(cancel) == "ready";
                if (ready)
                {
                    var room = new UserNamespace(launcher, holder, baseFolder, subuids);
                    await room.RefreshEtcAsync(cancel);
                    return room;
                }
                refusal = await new StreamReader(holder.Stderr).ReadToEndAsync(cancel);
            }
            finally
            {
                if (!ready)
                {
                    await holder.DisposeAsync();
                }
            }
        }
        throw SandboxErrors.NoUserNamespace(refusal, NamespaceMend.ForThisMachine());
    }

    /// <summary>The folder that sandboxes see as /etc.</summary>
    public string Etc { get; private set; } = "";

    /// <summary>Makes that folder where the host's /etc has changed since. A copy and not a mount for each of
    /// its parts: 22 of those cost bubblewrap 3 ms and more, for each command.</summary>
    public async ValueTask RefreshEtcAsync(CancellationToken cancel)
    {
        if (EtcView.Stamp() is var now && now == etcStamp)
        {
            return;
        }
        await refreshing.WaitAsync(cancel);
        try
        {
            if (now != etcStamp)
            {
                var folder = $"{Base}/e/{NextView()}";
                await RunAsync(EtcView.Script, [folder, .. EtcView.Shown], null, Stream.Null, cancel);
                (Etc, etcStamp) = (folder, now);
            }
        }
        finally
        {
            refreshing.Release();
        }
    }

    /// <summary>Runs a script as this namespace's uid 0, with its stdout going to a stream. Throws where it
    /// fails.
    /// </summary>
    public async Task RunAsync(string script, ImmutableArray<string> arguments, Stream? stdin, Stream stdout,
        CancellationToken cancel)
    {
        await using var process = await launcher.StartAsync(new ProcessSpec(Enter[0],
            [.. Enter.Skip(1), "sh", "-c", script, "sh", .. arguments], CleanEnvironment, "/",
            stdin is null ? StdinMode.Null : StdinMode.Pipe), cancel);
        using var killed = cancel.UnsafeRegister(p => ((LaunchedProcess)p!).KillTree(), process);
        var errors = new StringBuilder();
        await Task.WhenAll(FeedAsync(stdin, process.Stdin), process.Stdout.CopyToAsync(stdout, cancel),
            CollectAsync(process.Stderr, errors));
        var exit = await process.Exited;
        cancel.ThrowIfCancellationRequested();
        if (exit.ExitCode != 0)
        {
            throw SandboxErrors.SetUpFailed(errors.Length > 0 ? errors.ToString() : $"exit {exit.ShellCode}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await holder.DisposeAsync();
        refreshing.Dispose();
    }

    /// <summary>How many uids a process's namespace has, from 0 on.</summary>
    private static int UidCount(int pid) => (int)MapOf(pid).TakeWhile(m => m[0] <= 1).Sum(m => m[2]);

    /// <summary>For each range: first inside, first outside, how many.</summary>
    private static long[][] MapOf(int pid) => [.. File.ReadLines($"/proc/{pid}/uid_map")
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToArray())];

    private static ProcessSpec HolderSpec(string baseFolder, bool subuids) => new("setpriv",
        [
            "--pdeathsig", "KILL", "unshare", "--user", "--map-root-user",
            .. subuids ? ["--map-auto"] : Array.Empty<string>(),
            "--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
            "sh", "-c", HolderScript, "sh", baseFolder, subuids ? "1" : "0",
        ], CleanEnvironment, "/", StdinMode.Pipe);

    private static async Task FeedAsync(Stream? from, Stream to)
    {
        if (from is null)
        {
            return;
        }
        try
        {
            await from.CopyToAsync(to);
            await to.DisposeAsync();
        }
        catch (IOException)
        {
            // the reader ended early: its exit code says how
        }
    }

    private static async Task CollectAsync(Stream from, StringBuilder text)
    {
        const int charsMax = 4096;
        using var reader = new StreamReader(from);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (text.Length + line.Length < charsMax)
            {
                text.AppendLine(line);
            }
        }
    }
}
