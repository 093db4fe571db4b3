using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Aegis.Blobs;
using Aegis.Processes;

namespace Aegis.Ledger.Embedded;

/// <summary>The files of a private cluster: <c>postgres/{data,log}</c> under the home. initdb works in a
/// directory of another name that is renamed when it is whole, so an interrupted one leaves nothing that
/// could be taken for a cluster.</summary>
internal sealed class ClusterDirectory
{
    public const string Superuser = "aegis_super";
    private const string HalfMade = "init-";
    private const int TailBytes = 4096;
    private readonly string _root;
    private Dictionary<string, long> _logged = [];

    public ClusterDirectory(string home)
    {
        _root = Path.Combine(home, "postgres");
        Directory.CreateDirectory(_root, DurableFile.OwnerOnlyDirectory);
        Directory.CreateDirectory(Path.Combine(_root, "log"), DurableFile.OwnerOnlyDirectory);
        _root = RealPath(_root);
        PutBackInterruptedUpgrade();
    }

    public string Data => Path.Combine(_root, "data");

    public string StartLog => Path.Combine(_root, "start.log");

    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["LC_ALL"] = "C.UTF-8",
        ["TZ"] = "UTC",
    };

    /// <summary>The cluster's major version, or null where there is none yet.</summary>
    public int? Major()
    {
        var file = Path.Combine(Data, "PG_VERSION");
        return File.Exists(file)
            ? int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Makes the cluster where there is none yet, and removes what was interrupted.</summary>
    public async Task MakeAsync(PostgresBinaries binaries, CancellationToken cancel)
    {
        RemoveHalfMade();
        if (Major() is not null)
        {
            return;
        }
        var target = await InitAsync(binaries, cancel);
        Directory.Move(target, Data);
        DurableFile.SyncDirectory(_root);
    }

    /// <summary>Copies the cluster into one of another version. The old one stays as
    /// <c>data-&lt;major&gt;</c>; until the two renames at the end nothing of it has changed.</summary>
    public async Task UpgradeAsync(PostgresBinaries from, PostgresBinaries to, string osUser,
        CancellationToken cancel)
    {
        RemoveHalfMade();
        var target = await InitAsync(to, cancel);
        Configure(osUser, target);
        Configure(osUser, Data);
        await RunAsync(to.PgUpgrade, ["-b", from.Directory, "-B", to.Directory, "-d", Data, "-D", target,
            "-U", Superuser, "-s", target], "upgrade the cluster", cancel);
        Directory.Move(Data, $"{Data}-{from.Major}");
        Directory.Move(target, Data);
        DurableFile.SyncDirectory(_root);
    }

    private async Task<string> InitAsync(PostgresBinaries binaries, CancellationToken cancel)
    {
        var target = Path.Combine(_root, HalfMade + Path.GetRandomFileName());
        await RunAsync(binaries.InitDb,
            ["-D", target, "-U", Superuser, "-E", "UTF8", "--locale=C.UTF-8", "-A", "peer",
                "--data-checksums"],
            "make a new cluster", cancel);
        return target;
    }

    private async Task RunAsync(string program, string[] arguments, string what, CancellationToken cancel)
    {
        MarkLog();
        using var run = HeldProcess.Start(program, arguments, Environment, StartLog, HeldEnd.KillGroup,
            _root);
        try
        {
            await run.Exited.WaitAsync(cancel);
        }
        finally
        {
            run.LetGo();
        }
        if (run.ExitCode != 0)
        {
            throw Tail(StartLog, 0).Contains("could not look up effective user ID")
                ? LedgerErrors.NoOsUser(EffectiveUser.Id)
                : Explain(what);
        }
    }

    // cut off between an upgrade's two renames, the old cluster is there under its other name only
    private void PutBackInterruptedUpgrade()
    {
        if (!Directory.Exists(Data)
            && Directory.GetDirectories(_root, "data-*").Order().LastOrDefault() is { } old)
        {
            Directory.Move(old, Data);
        }
    }

    private void RemoveHalfMade()
    {
        foreach (var half in Directory.EnumerateDirectories(_root, HalfMade + "*"))
        {
            Directory.Delete(half, recursive: true);
        }
    }

    /// <summary>Writes what the product decides: settings, and who may connect as whom (the socket's owner,
    /// as any role of the ledger).</summary>
    public void Configure(string osUser) => Configure(osUser, Data);

    private static void Configure(string osUser, string data)
    {
        using var template = new StreamReader(Assembly.GetExecutingAssembly()
            .GetManifestResourceStream("Aegis.Ledger.Embedded.postgresql.conf")!);
        WriteIfChanged(data, "postgresql.conf", template.ReadToEnd());
        WriteIfChanged(data, "pg_hba.conf", "local all all peer map=aegis\n");
        WriteIfChanged(data, "pg_ident.conf", string.Concat(RoleName.LogIns.Prepend(Superuser)
            .Select(role => $"aegis \"{osUser.Replace("\"", "\"\"")}\" {role}\n")));
    }

    /// <summary>Once no process of the cluster lives, its lock files are lies: PostgreSQL would believe a
    /// reused pid in them.</summary>
    public void RemoveStaleLocks(string socketDirectory)
    {
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        foreach (var file in Directory.EnumerateFiles(socketDirectory, ".s.PGSQL.*"))
        {
            File.Delete(file);
        }
    }

    /// <summary>Remembers how long the logs are, so that an explanation quotes only what comes
    /// after.</summary>
    public void MarkLog() => _logged = Logs().ToDictionary(f => f.Name, f => f.Length);

    /// <summary>What PostgreSQL said last, for an error's text; a full disk has an error of its
    /// own.</summary>
    public Exception Explain(string what)
    {
        var log = Logs().MaxBy(f => f.LastWriteTimeUtc);
        var text = Tail(StartLog, 0)
            + (log is null ? "" : Tail(log.FullName, _logged.GetValueOrDefault(log.Name)));
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var line = lines.LastOrDefault(l => l.Contains("FATAL:") || l.Contains("PANIC:"))
            ?? lines.LastOrDefault(l => l.Contains("could not")) ?? lines.LastOrDefault() ?? "no output";
        return text.Contains("No space left on device") || text.Contains("Disk quota exceeded")
            ? LedgerErrors.DiskFull($"PostgreSQL could not {what}")
            : LedgerErrors.StartFailed(what, line.Trim());
    }

    private IEnumerable<FileInfo> Logs() =>
        new DirectoryInfo(Path.Combine(_root, "log")).EnumerateFiles("*.log");

    private static void WriteIfChanged(string data, string name, string content)
    {
        var path = Path.Combine(data, name);
        if (!File.Exists(path) || File.ReadAllText(path) != content)
        {
            DurableFile.Write(path, System.Text.Encoding.UTF8.GetBytes(content));
        }
    }

    private static string Tail(string path, long from)
    {
        if (!File.Exists(path))
        {
            return "";
        }
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete);
        // a log that is shorter than it was has been started anew
        from = from > file.Length ? 0 : from;
        file.Seek(Math.Max(from, file.Length - TailBytes), SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static string RealPath(string path)
    {
        var resolved = Resolve(path, 0);
        try
        {
            return Marshal.PtrToStringUTF8(resolved) ?? path;
        }
        finally
        {
            Free(resolved);
        }
    }

    [DllImport("libc", EntryPoint = "realpath", SetLastError = true)]
    private static extern nint Resolve([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint buffer);

    [DllImport("libc", EntryPoint = "free")]
    private static extern void Free(nint memory);
}

internal static class EffectiveUser
{
    public static uint Id => GetEffectiveUser();

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEffectiveUser();
}
