using System.Globalization;

namespace Aegis.Durability;

/// <summary>Where things are: the server's build, PostgreSQL's programs, a folder for this run.</summary>
internal static class Places
{
    /// <summary>The repository that this harness was built from.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The server built beside this harness, in the same configuration.</summary>
    public static string ServerAssembly()
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal)
            ? "Release"
            : "Debug";
        var file = Path.Combine(
            Root, "src", "Aegis.Server", "bin", configuration, "net10.0", "Aegis.Server.dll");
        return File.Exists(file) ? file : throw new ArgumentException($"the server is not built: {file}");
    }

    /// <summary>AEGIS_PG_BIN, or the newest installed.</summary>
    public static string PostgresBinaries() =>
        Environment.GetEnvironmentVariable("AEGIS_PG_BIN") is { Length: > 0 } named ? named
        : Directory.GetDirectories("/usr/lib/postgresql")
            .Where(d => File.Exists(Path.Combine(d, "bin", "initdb")))
            .OrderByDescending(d => double.Parse(Path.GetFileName(d), CultureInfo.InvariantCulture))
            .Select(d => Path.Combine(d, "bin")).First();

    /// <summary>Short, because a socket's path may have 107 bytes.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("aegis-dur-").FullName;

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder
            is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Aegis.slnx")))
            {
                return folder;
            }
        }
        return Directory.GetCurrentDirectory();
    }
}
