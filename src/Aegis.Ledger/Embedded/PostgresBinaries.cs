using System.Globalization;
using System.Text.RegularExpressions;
using Aegis.Processes;

namespace Aegis.Ledger.Embedded;

/// <summary>An installed PostgreSQL: a directory with postgres and initdb of one version.</summary>
internal sealed partial record PostgresBinaries(string Directory, int Major)
{
    public const int OldestMajor = 15;
    private static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(30);
    private const string DebianRoot = "/usr/lib/postgresql";

    public string Postgres => Path.Combine(Directory, "postgres");

    public string PgUpgrade => Path.Combine(Directory, "pg_upgrade");

    public string InitDb => Path.Combine(Directory, "initdb");

    /// <summary>The newest installed version, whatever a cluster needs.</summary>
    public static PostgresBinaries Newest() => Find(null, null);

    /// <summary>The version that <paramref name="clusterMajor"/> needs, or the newest for a new
    /// cluster.</summary>
    public static PostgresBinaries Find(string? wanted, int? clusterMajor)
    {
        var found = Candidates(wanted)
            .Distinct()
            .Where(d => File.Exists(Path.Combine(d, "postgres")) && File.Exists(Path.Combine(d, "initdb")))
            .Select(d => new PostgresBinaries(d, MajorOf(Path.Combine(d, "postgres"))))
            .ToList();
        var usable = found.Where(b => b.Major >= OldestMajor).OrderByDescending(b => b.Major).ToList();
        var have = found.Count == 0 ? "none" : string.Join(", ",
            found.Select(b => $"{b.Major} in {b.Directory}"));
        if (usable.Count == 0)
        {
            throw LedgerErrors.NoBinaries(have);
        }
        return clusterMajor is not { } major
            ? usable[0]
            : usable.Find(b => b.Major == major) ?? throw LedgerErrors.WrongMajor(major, have);
    }

    private static IEnumerable<string> Candidates(string? wanted)
    {
        if (wanted is not null)
        {
            return [Path.GetFullPath(wanted)];
        }
        var debian = System.IO.Directory.Exists(DebianRoot)
            ? System.IO.Directory.GetDirectories(DebianRoot).Select(d => Path.Combine(d, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Path.Combine(d, "postgres"))
            .Where(File.Exists)
            // a link in /usr/local/bin names a directory without the program's libraries and share files
            .Select(f => Path.GetDirectoryName(
                File.ResolveLinkTarget(f, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(f))!);
        return debian.Concat(path);
    }

    private static int MajorOf(string postgres)
    {
        var match = VersionLine().Match(ShortCommand.Ask(postgres, ["--version"], VersionLimit) ?? "");
        return match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionLine();
}
